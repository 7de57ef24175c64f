#pragma once

#include "base/algorithms.h"
#include "base/bytes.h"
#include "x509/openssl.h"

#include <functional>
#include <string>
#include <vector>

namespace signet::x509 {

struct RequestContent {
    Bytes public_key_info;  // SubjectPublicKeyInfo, DER
    std::string subject;    // RFC 4514
    std::vector<std::string> emails;
    std::vector<std::string> dns_names;
};

// malformed, and detail says why: what cannot be among the `emails` or `dns_names`.
Result<void> check_email(const std::string& text);
Result<void> check_host_name(const std::string& text);

// How the key signs: rsa_pkcs1 and rsa_pss with SHA-256, ecdsa with the hash that fits the curve, eddsa.
struct RequestSignature {
    SignatureScheme scheme{};
    HashAlgorithm hash = HashAlgorithm::sha256;  // not with eddsa
};

// Signs the octets with the key; an ECDSA signature is r and s, each of the field's length.
using SignOctets = std::function<Result<Bytes>(const RequestSignature& how, ByteView octets)>;

// A PKCS#10 certification request (RFC 2986), DER. `pss` asks for PSS with an RSA key. The addresses and host
// names become its subject alternative name. malformed: the subject, an address or a host name; unsupported:
// a key that cannot sign; crypto: the signature that came back is wrong.
Result<Bytes> make_request(const RequestContent& content, bool pss, const SignOctets& sign);

}  // namespace signet::x509
