#pragma once

#include "base/result.h"
#include "x509/certificate.h"

#include <string>
#include <vector>

namespace signet::sendmail {

// A file that mail.toml names in `setting` and that cannot be used.
Failure wrong_file(const std::string& setting, const Error& error);

// All certificates of the files, and of the folders: of those, standard error tells which files are left out
// since they cannot be read. configuration: a file that is named cannot be read.
Result<std::vector<x509::Certificate>> certificates_in(const std::vector<std::string>& paths);

}  // namespace signet::sendmail
