/* SPDX-License-Identifier: GPL-2.0-only */
/* The same with bands that are coded (fuzzview.h). */
#define CODED true
#include "fuzzview.h"
