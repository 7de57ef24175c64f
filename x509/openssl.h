#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/cms.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

namespace signet::x509 {

template <auto free_function>
struct Deleter {
    template <class T>
    void operator()(T* pointer) const {
        free_function(pointer);
    }
};
template <class T, auto free_function>
using Pointer = std::unique_ptr<T, Deleter<free_function>>;

using BioPointer = Pointer<BIO, BIO_free_all>;
using BignumPointer = Pointer<BIGNUM, BN_free>;
using CmsPointer = Pointer<CMS_ContentInfo, CMS_ContentInfo_free>;
using DigestContextPointer = Pointer<EVP_MD_CTX, EVP_MD_CTX_free>;
using KeyContextPointer = Pointer<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using KeyPointer = Pointer<EVP_PKEY, EVP_PKEY_free>;
using NamePointer = Pointer<X509_NAME, X509_NAME_free>;
using X509Pointer = Pointer<X509, X509_free>;
using X509StorePointer = Pointer<X509_STORE, X509_STORE_free>;
using X509StoreContextPointer = Pointer<X509_STORE_CTX, X509_STORE_CTX_free>;

struct OpensslStringDeleter {
    void operator()(void* pointer) const { OPENSSL_free(pointer); }
};
using OpensslOctets = std::unique_ptr<unsigned char, OpensslStringDeleter>;

inline void free_x509_stack(STACK_OF(X509) * stack) {
    sk_X509_pop_free(stack, X509_free);
}
// Owns the certificates in it.
using X509StackPointer = Pointer<STACK_OF(X509), free_x509_stack>;

// The whole OpenSSL error queue of this thread as one Error, and the queue emptied. A failure with an empty
// queue is an error all the same. native_code is 0: OpenSSL's numbers differ between its versions.
Error openssl_error(std::string operation, ErrorCode code = ErrorCode::crypto);
inline Failure openssl_failure(std::string operation, ErrorCode code = ErrorCode::crypto) {
    return Failure(openssl_error(std::move(operation), code));
}

// The same after an operation with a private key: what a PKCS#11 engine left in the queue becomes the code
// that belongs to it (cancelled, token_removed, pin_blocked, ...), and native_code the CK_RV. Answers that
// tell about the data rather than the key's state are crypto.
Error key_error(std::string operation);

// A read-only memory BIO over octets that outlive it. Its end is an end of file, not "retry".
BioPointer memory_reader(ByteView octets);
// What was written to a memory BIO.
ByteView memory_content(BIO* bio);

}  // namespace signet::x509
