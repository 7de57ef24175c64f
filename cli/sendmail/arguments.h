#pragma once

#include "base/result.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace signet::sendmail {

// What a program asks of sendmail.
struct Arguments {
    std::vector<std::string> recipients;
    bool recipients_from_header = false;   // -t
    std::optional<std::string> sender;     // -f, -r: of the envelope
    std::optional<std::string> full_name;  // -F
    std::vector<std::string> passed_on;    // -N, -R, -V: for the transport
};

// A line with a dot alone ends no mail, with -i or without. invalid_parameter: whatever is no submission of
// one mail from standard input (-bs, -bp, -q and so on), and what is not known.
Result<Arguments> parse_arguments(std::span<const std::string> arguments);

}  // namespace signet::sendmail
