#pragma once

#include "base/result.h"
#include "smime/public/signet/smime.h"

#include <string>

namespace signet::cli {

// On standard error, with the first line that mutt and neomutt judge by: "Verification successful" or
// anything else. What follows they show.
void print_for_mutt(const mail::Verification& verification);
// The same for what has no signature that could be read.
void print_for_mutt(const Error& error);

// The certificates of the signers, good or not, as PEM.
Result<void> write_signers(const mail::Verification& verification, const std::string& path);

}  // namespace signet::cli
