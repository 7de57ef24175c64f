#include "cli/sendmail/arguments.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace signet::sendmail {
namespace {

Failure refused(const std::string& argument, const std::string& reason) {
    return failure(ErrorCode::invalid_parameter, "arguments", argument + ": " + reason);
}

// Takes arguments one after the other.
class Parser {
  public:
    explicit Parser(std::span<const std::string> arguments) : m_rest(arguments) {}

    Result<Arguments> parse() {
        while (!m_rest.empty()) {
            const std::string argument = next();
            if (m_only_recipients || argument.size() < 2 || argument[0] != '-') {
                SIGNET_CHECK(add_recipient(argument));
            } else if (argument == "--") {
                m_only_recipients = true;
            } else {
                SIGNET_CHECK(apply(argument));
            }
        }
        return std::move(m_result);
    }

  private:
    std::string next() {
        std::string argument = m_rest.front();
        m_rest = m_rest.subspan(1);
        return argument;
    }
    // "-f address" or "-faddress".
    Result<std::string> value_of(const std::string& argument) {
        if (argument.size() > 2) {
            return argument.substr(2);
        }
        if (m_rest.empty()) {
            return refused(argument, "a value is missing");
        }
        return next();
    }
    // The transport would take it for an option, or for several.
    Result<void> add_recipient(const std::string& address) {
        if (address.empty() || address[0] == '-' || address.find_first_of("\r\n") != std::string::npos) {
            return refused(address, "no address");
        }
        m_result.recipients.push_back(address);
        return {};
    }
    Result<void> apply(const std::string& argument) {
        constexpr std::array ignored{"-i",   "-n",   "-m",   "-U",   "-G",   "-oi",  "-om",  "-oem",
                                     "-oee", "-oep", "-oeq", "-oew", "-odi", "-odb", "-odq", "-bm"};
        if (std::find(ignored.begin(), ignored.end(), argument) != ignored.end()) {
            return {};
        }
        if (argument == "-v") {
            m_result.passed_on.push_back(argument);
            return {};
        }
        if (argument == "-t" || argument == "-ti" || argument == "-it") {
            m_result.recipients_from_header = true;
            return {};
        }
        return apply_with_value(argument);
    }
    // -B says how many bits the mail has: what is made here has seven. -L and -O are for sendmail's own
    // log and settings.
    Result<void> apply_with_value(const std::string& argument) {
        const char option = argument[1];
        if (option == 'b' || option == 'q') {
            return refused(argument, "only a mail from standard input is taken");
        }
        if (std::string_view("frFBLNORV").find(option) == std::string_view::npos) {
            return refused(argument, "not known");
        }
        SIGNET_TRY(const auto value, value_of(argument));
        if (option == 'f' || option == 'r') {
            m_result.sender = value;
        } else if (option == 'F') {
            m_result.full_name = value;
        } else if (option == 'N' || option == 'R' || option == 'V') {
            m_result.passed_on.insert(m_result.passed_on.end(), {argument.substr(0, 2), value});
        }
        return {};
    }

    std::span<const std::string> m_rest;
    bool m_only_recipients = false;
    Arguments m_result;
};

}  // namespace

Result<Arguments> parse_arguments(std::span<const std::string> arguments) {
    return Parser(arguments).parse();
}

}  // namespace signet::sendmail
