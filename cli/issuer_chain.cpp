#include "cli/issuer_chain.h"

#include "x509/path.h"

#include <algorithm>

namespace signet::cli {
namespace {

// Names, key identifiers and the signature fit.
bool issued(const x509::Certificate& issuer, const x509::Certificate& certificate) {
    return X509_check_issued(issuer.get(), certificate.get()) == X509_V_OK &&
           X509_verify(certificate.get(), X509_get0_pubkey(issuer.get())) == 1;
}

}  // namespace

std::vector<x509::Certificate> issuers_of(const x509::Certificate& certificate,
                                          std::span<const x509::Certificate> candidates) {
    std::vector<x509::Certificate> path;
    x509::Certificate last = certificate;
    while (!is_self_signed(last) && path.size() < x509::max_path_length) {
        const auto issuer = std::find_if(candidates.begin(), candidates.end(),
                                         [&last](const auto& candidate) { return issued(candidate, last); });
        if (issuer == candidates.end()) {
            break;
        }
        last = *issuer;
        path.push_back(last);
    }
    return path;
}

bool is_self_signed(const x509::Certificate& certificate) {
    return X509_self_signed(certificate.get(), 0) == 1;
}

}  // namespace signet::cli
