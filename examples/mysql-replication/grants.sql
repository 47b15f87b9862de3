-- SPDX-License-Identifier: GPL-2.0-or-later
-- Once, on the first node only: the others get it by replication.

-- The account that replicas replicate with, and that the agent asks the other nodes with.
CREATE USER 'repl'@'10.77.0.%' IDENTIFIED BY 'secret';
GRANT REPLICATION SLAVE, SLAVE MONITOR, REPLICATION SLAVE ADMIN ON *.* TO 'repl'@'10.77.0.%';
-- MySQL instead: GRANT REPLICATION SLAVE, REPLICATION CLIENT, REPLICATION_SLAVE_ADMIN ON *.* TO ...

-- An application. Nobody but root has READ ONLY ADMIN or ALL ON *.*: such accounts write where
-- nobody may.
CREATE DATABASE shop;
CREATE USER 'shop'@'10.77.0.%' IDENTIFIED BY 'another secret';
GRANT ALL ON shop.* TO 'shop'@'10.77.0.%';
