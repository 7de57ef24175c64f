#pragma once

#include "x509/certificate.h"

#include <span>
#include <vector>

namespace signet::cli {

// The path above a certificate as far as the candidates reach: its issuer first, up to a self-signed one at
// the end. Nothing is trusted by it.
std::vector<x509::Certificate> issuers_of(const x509::Certificate& certificate,
                                          std::span<const x509::Certificate> candidates);

bool is_self_signed(const x509::Certificate& certificate);

}  // namespace signet::cli
