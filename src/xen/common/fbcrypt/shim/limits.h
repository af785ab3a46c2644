/* SPDX-License-Identifier: GPL-2.0-only */
/* For BearSSL: nothing in it is used. */
