/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What dom0 may make of a guest by XenStore.  A stock guest drives each device
 * that stands in its "device" directory, and serves what stands in "backend":
 * a second keyboard would be typed on past the sealed one, a virtual display
 * be drawn on instead of the framebuffer, and a disk of the guest's be served
 * to dom0.  What stands in "control" it carries out: a key pressed with SysRq.
 * So a guest gets no answer about such nodes but an error, whatever xenstored
 * says; nor one to what it did not ask.
 *
 * Requests are told in order, when they are complete and before xenstored can
 * have all of them.  The caller serialises.
 */
#ifndef FBC_CORE_XSDOOR_H
#define FBC_CORE_XSDOOR_H

#include "core/fbc.h"

/* Requests that wait for their answers; a guest with more of them waits. */
#define FBC_XSDOOR_ASKED 32

struct fbc_xsdoor {
    uint32_t nr;
    uint32_t id[FBC_XSDOOR_ASKED];
    uint32_t shut;              /* bit i: id[i] gets no answer */
    uint32_t refused;           /* requests so far */
};

/*
 * Is what a request of this type (enum xsd_sockmsg_type) names not for a
 * guest's eyes?  Its first len bytes are a path up to a NUL, or to the
 * request's end, or the first 96 bytes or more of a longer one.
 */
bool fbc_xsdoor_refuses(uint32_t type, const uint8_t *path, size_t len,
                        uint16_t domid);

/* Only while nr is less than FBC_XSDOOR_ASKED. */
void fbc_xsdoor_asked(struct fbc_xsdoor *d, uint32_t id, bool refused);

/* An answer to id: may the guest have it as it is?  The request is answered. */
bool FBC_MUST_CHECK fbc_xsdoor_answer(struct fbc_xsdoor *d, uint32_t id);

#endif /* FBC_CORE_XSDOOR_H */
