#include "x509/path.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

namespace signet::x509 {
namespace {

// 112 bits: RSA from 2048 bits on, no SHA-1 in certificates (SSL_CTX_set_security_level(3)).
constexpr int security_level = 2;

void set_rules(X509_VERIFY_PARAM* rules, const PathOptions& options) {
    X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST);
    X509_VERIFY_PARAM_set_depth(rules, max_path_length - 2);
    X509_VERIFY_PARAM_set_auth_level(rules, security_level);
    if (options.at) {
        X509_VERIFY_PARAM_set_time(rules, *options.at);
    }
}

PathStatus status_of(int verification_error) {
    switch (verification_error) {
        case X509_V_OK:
            return PathStatus::good;
        case X509_V_ERR_CERT_HAS_EXPIRED:
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return PathStatus::expired;
        case X509_V_ERR_INVALID_PURPOSE:
            return PathStatus::wrong_usage;
        case X509_V_ERR_EE_KEY_TOO_SMALL:
        case X509_V_ERR_CA_KEY_TOO_SMALL:
        case X509_V_ERR_CA_MD_TOO_WEAK:
            return PathStatus::weak;
        default:
            return PathStatus::untrusted;
    }
}

// RFC 8550 section 4.4.4: anyExtendedKeyUsage is for mail too, which OpenSSL's purpose does not know. What
// else that purpose asks for must hold.
bool may_sign_mail_by_any_usage(X509* certificate) {
    const bool any_usage = (X509_get_extension_flags(certificate) & EXFLAG_XKUSAGE) != 0 &&
                           (X509_get_extended_key_usage(certificate) & XKU_ANYEKU) != 0;
    const bool netscape_type = (X509_get_extension_flags(certificate) & EXFLAG_NSCERT) != 0;
    const bool signs = (X509_get_key_usage(certificate) & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) != 0;
    return any_usage && !netscape_type && signs;
}

int accept_any_usage(int accepted, X509_STORE_CTX* context) {
    const bool wrong_purpose = X509_STORE_CTX_get_error(context) == X509_V_ERR_INVALID_PURPOSE;
    if (accepted == 0 && wrong_purpose && X509_STORE_CTX_get_error_depth(context) == 0) {
        return may_sign_mail_by_any_usage(X509_STORE_CTX_get_current_cert(context)) ? 1 : 0;
    }
    return accepted;
}

std::string reason_of(X509_STORE_CTX* context, int verification_error) {
    std::string reason = X509_verify_cert_error_string(verification_error);
    if (X509* culprit = X509_STORE_CTX_get_current_cert(context)) {
        reason += ": " + Certificate::from_x509(culprit).subject();
    }
    return reason;
}

std::vector<Certificate> chain_of(X509_STORE_CTX* context) {
    STACK_OF(X509)* stack = X509_STORE_CTX_get0_chain(context);
    std::vector<Certificate> chain;
    for (int i = 0; i < sk_X509_num(stack); ++i) {
        chain.push_back(Certificate::from_x509(sk_X509_value(stack, i)));
    }
    return chain;
}

}  // namespace

Result<X509StorePointer> make_store(const PathOptions& options) {
    X509StorePointer store(X509_STORE_new());
    if (!store) {
        return openssl_failure("X509_STORE_new");
    }
    for (const auto& anchor : options.trust_anchors) {
        if (X509_STORE_add_cert(store.get(), anchor.get()) != 1) {
            return openssl_failure("X509_STORE_add_cert");
        }
    }
    if (options.use_system_store && X509_STORE_set_default_paths(store.get()) != 1) {
        return openssl_failure("X509_STORE_set_default_paths");
    }
    set_rules(X509_STORE_get0_param(store.get()), options);
    return store;
}

Result<X509StackPointer> make_stack(const std::vector<Certificate>& certificates) {
    X509StackPointer stack(sk_X509_new_null());
    for (const auto& certificate : certificates) {
        if (!stack || X509_add_cert(stack.get(), certificate.get(), X509_ADD_FLAG_UP_REF) != 1) {
            return openssl_failure("X509_add_cert");
        }
    }
    return stack;
}

Result<PathReport> check_path(const Certificate& certificate, const PathOptions& options) {
    SIGNET_TRY(const auto store, make_store(options));
    SIGNET_TRY(const auto intermediates, make_stack(options.intermediates));
    const X509StoreContextPointer context(X509_STORE_CTX_new());
    if (!context ||
        X509_STORE_CTX_init(context.get(), store.get(), certificate.get(), intermediates.get()) != 1) {
        return openssl_failure("X509_STORE_CTX_init");
    }
    X509_VERIFY_PARAM_set_purpose(X509_STORE_CTX_get0_param(context.get()), X509_PURPOSE_SMIME_SIGN);
    X509_STORE_CTX_set_verify_cb(context.get(), accept_any_usage);
    const int verified = X509_verify_cert(context.get());
    const int error = X509_STORE_CTX_get_error(context.get());
    ERR_clear_error();
    if (verified == 1) {
        return PathReport{.status = PathStatus::good, .reason = {}, .chain = chain_of(context.get())};
    }
    const PathStatus status = error == X509_V_OK ? PathStatus::untrusted : status_of(error);
    return PathReport{.status = status, .reason = reason_of(context.get(), error), .chain = {}};
}

}  // namespace signet::x509
