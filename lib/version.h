/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who we are: the FRR release whose language is spoken, and our own version. */
#ifndef FERRO_LIB_VERSION_H
#define FERRO_LIB_VERSION_H

/* What `frr version` names in a saved configuration. */
#define FERRO_FRR_RELEASE "10.8"
/* First line of `show version` and the shell's greeting: FRR's form, a version of our own. */
#define FERRO_VERSION FERRO_FRR_RELEASE "-ferro-0.1"
#define FERRO_COPYRIGHT "Ferro 0.1, a BGP router that speaks FRR's language."

#endif
