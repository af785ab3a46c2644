/* SPDX-License-Identifier: GPL-2.0-only */
/* A hostile dom0 shows a viewer pictures (fuzzview.h). */
#define CODED false
#include "fuzzview.h"
