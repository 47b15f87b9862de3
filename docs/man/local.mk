# SPDX-License-Identifier: GPL-2.0-or-later
# Manual pages are made from what they describe: section 3 from the public headers, section 7 from
# the agents' own meta-data.

man_generators = docs/man/header-to-man docs/man/metadata-to-man docs/man/roff.py
EXTRA_DIST += $(man_generators)

if BUILD_MAN
man7_pages = docs/man/ocf_haops_Filesystem.7 docs/man/ocf_haops_IPaddr2.7 docs/man/ocf_haops_drbd.7 \
	docs/man/ocf_haops_exportfs.7 docs/man/ocf_haops_nfsserver.7 docs/man/ocf_haops_nginx.7
if MYSQL
man7_pages += docs/man/ocf_haops_mysql.7
endif
nodist_man7_MANS = $(man7_pages)
CLEANFILES += $(man7_pages) docs/man/pages-3

man_python = $(PYTHON3) -B $(top_srcdir)/docs/man
# Builds run agents that libtool has wrapped: they know where the library is.
docs/man/ocf_haops_Filesystem.7: Filesystem$(EXEEXT) $(man_generators)
	$(AM_V_GEN)$(MKDIR_P) docs/man && ./Filesystem meta-data > $@.xml && \
	$(man_python)/metadata-to-man $(PACKAGE_VERSION) $(HAOPS_DATE) < $@.xml > $@.tmp && rm -f $@.xml && mv $@.tmp $@

docs/man/ocf_haops_IPaddr2.7: IPaddr2$(EXEEXT) $(man_generators)
	$(AM_V_GEN)$(MKDIR_P) docs/man && ./IPaddr2 meta-data > $@.xml && \
	$(man_python)/metadata-to-man $(PACKAGE_VERSION) $(HAOPS_DATE) < $@.xml > $@.tmp && rm -f $@.xml && mv $@.tmp $@
docs/man/ocf_haops_drbd.7: drbd$(EXEEXT) $(man_generators)
	$(AM_V_GEN)$(MKDIR_P) docs/man && ./drbd meta-data > $@.xml && \
	$(man_python)/metadata-to-man $(PACKAGE_VERSION) $(HAOPS_DATE) < $@.xml > $@.tmp && rm -f $@.xml && mv $@.tmp $@
docs/man/ocf_haops_nginx.7: nginx$(EXEEXT) $(man_generators)
	$(AM_V_GEN)$(MKDIR_P) docs/man && ./nginx meta-data > $@.xml && \
	$(man_python)/metadata-to-man $(PACKAGE_VERSION) $(HAOPS_DATE) < $@.xml > $@.tmp && rm -f $@.xml && mv $@.tmp $@

docs/man/ocf_haops_exportfs.7: exportfs$(EXEEXT) $(man_generators)
	$(AM_V_GEN)$(MKDIR_P) docs/man && ./exportfs meta-data > $@.xml && \
	$(man_python)/metadata-to-man $(PACKAGE_VERSION) $(HAOPS_DATE) < $@.xml > $@.tmp && rm -f $@.xml && mv $@.tmp $@
docs/man/ocf_haops_nfsserver.7: nfsserver$(EXEEXT) $(man_generators)
	$(AM_V_GEN)$(MKDIR_P) docs/man && ./nfsserver meta-data > $@.xml && \
	$(man_python)/metadata-to-man $(PACKAGE_VERSION) $(HAOPS_DATE) < $@.xml > $@.tmp && rm -f $@.xml && mv $@.tmp $@

docs/man/ocf_haops_mysql.7: mysql$(EXEEXT) $(man_generators)
	$(AM_V_GEN)$(MKDIR_P) docs/man && ./mysql meta-data > $@.xml && \
	$(man_python)/metadata-to-man $(PACKAGE_VERSION) $(HAOPS_DATE) < $@.xml > $@.tmp && rm -f $@.xml && mv $@.tmp $@

man3_headers = $(haops_headers)
if HAOPSD
man3_headers += $(haops_cluster_headers)
endif
if MYSQL
man3_headers += $(haops_mysql_headers)
endif

# The pages of section 3 are as many as the headers have calls: the folder stands for them.
docs/man/pages-3: $(man3_headers) $(man_generators)
	$(AM_V_GEN)rm -rf docs/man/man3 && \
	(cd $(srcdir) && $(PYTHON3) -B docs/man/header-to-man $(PACKAGE_VERSION) $(HAOPS_DATE) \
		"$(abs_builddir)/docs/man/man3" $(man3_headers)) && touch $@

all-local: docs/man/pages-3

man3dir = $(mandir)/man3

install-data-hook: docs/man/pages-3
	$(MKDIR_P) "$(DESTDIR)$(man3dir)"
	$(INSTALL_DATA) docs/man/man3/*.3 "$(DESTDIR)$(man3dir)"

uninstall-hook:
	cd docs/man/man3 && for page in *.3; do rm -f "$(DESTDIR)$(man3dir)/$$page"; done

clean-local:
	rm -rf docs/man/man3
endif
