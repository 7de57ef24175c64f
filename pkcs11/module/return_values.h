#pragma once

#include "pkcs11/module/cryptoki.h"

namespace signet::module {

// What a program is told when a call to the agent failed. The only place where errors become return values.
CK_RV return_value(const Error& error);

}  // namespace signet::module
