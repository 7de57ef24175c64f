#pragma once

#include "base/bytes.h"
#include "base/secret.h"
#include "ipc/event_loop.h"

#include <functional>

namespace signet::agent {

struct UnpackedPkcs12 {
    FileDescriptor private_key;  // reading end of a pipe with the PKCS#8 PrivateKeyInfo
    Bytes certificate;           // DER, of the key; empty: none
};

// Has a short-lived signet-token unpack a PKCS#12 file: neither this process nor the client sees the key.
// `file` is read from its start where it can be. not_allowed: the password is wrong, or the file was changed.
void unpack_pkcs12(ipc::EventLoop& loop, const FileDescriptor& file, const Secret& password,
                   std::function<void(Result<UnpackedPkcs12>)> done);

// The first of several DER values that lie one behind the other; empty where there is none.
Bytes first_der_value(ByteView octets);

}  // namespace signet::agent
