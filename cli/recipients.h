#pragma once

#include "cli/key_selection.h"

namespace signet::cli {

// The certificate to encrypt to for one address: among `files` first, else among those of the tokens.
// not_found says what spoke against those with the address; ambiguous when several keys have it.
Result<x509::Certificate> choose_recipient(const std::string& address,
                                           std::span<const x509::Certificate> files,
                                           std::span<const KeyEntry> entries, std::string_view now);

// Whether one of `files` holds the address.
bool any_holds(std::span<const x509::Certificate> files, const std::string& address);

// not_found for the first that cannot be encrypted to at `now`.
Result<void> check_recipients(std::span<const x509::Certificate> recipients, std::string_view now);

bool contains(std::span<const x509::Certificate> recipients, const x509::Certificate& certificate);

// Adds the certificate unless it is there already.
void add_recipient(std::vector<x509::Certificate>& recipients, x509::Certificate certificate);

}  // namespace signet::cli
