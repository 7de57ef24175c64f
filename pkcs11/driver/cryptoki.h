#pragma once

#include <p11-kit/pkcs11.h>

// Of PKCS#11 v3.0 and missing in that header.
#ifndef CKK_EC_MONTGOMERY
#define CKK_EC_MONTGOMERY (0x41UL)
#endif
