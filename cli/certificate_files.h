#pragma once

#include "base/result.h"
#include "x509/certificate.h"

#include <string>
#include <vector>

namespace signet::cli {

// Every certificate of a file: PEM, one or more, or one in DER. A file without any is malformed.
Result<std::vector<x509::Certificate>> read_certificates(const std::string& path);
// Of several files, in their order.
Result<std::vector<x509::Certificate>> read_certificates(const std::vector<std::string>& paths);

}  // namespace signet::cli
