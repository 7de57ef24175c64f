#include "cli/sendmail/arguments.h"

#include "cli/sendmail/mailbox.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace signet::sendmail {
namespace {

Failure refused(const std::string& argument, const std::string& reason) {
    return failure(ErrorCode::invalid_parameter, "arguments", argument + ": " + reason);
}

bool is_one_of(char option, std::string_view options) {
    return options.find(option) != std::string_view::npos;
}

constexpr const char* no_submission = "only a mail from standard input is taken";
constexpr std::string_view flags = "GUimntv";
// -B says how many bits the mail has: what is made here has seven. -L and -O are for sendmail's own log and
// settings.
constexpr std::string_view with_value = "BFLNORVbfor";

// Of -o: how dots and errors are treated, and whether the mail waits.
bool is_known_setting(std::string_view value) {
    constexpr std::array<std::string_view, 10> known{"i",  "m",  "em", "ee", "ep",
                                                     "eq", "ew", "di", "db", "dq"};
    return std::find(known.begin(), known.end(), value) != known.end();
}

// Takes arguments one after the other.
class Parser {
  public:
    explicit Parser(std::span<const std::string> arguments) : m_rest(arguments) {}

    Result<Arguments> parse() {
        while (!m_rest.empty()) {
            const std::string argument = next();
            if (m_only_recipients || argument.size() < 2 || argument[0] != '-') {
                SIGNET_CHECK(add_recipients(argument));
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
    Result<void> add_recipients(const std::string& list) {
        SIGNET_TRY(const auto recipients, recipients_in(list));
        m_result.recipients.insert(m_result.recipients.end(), recipients.begin(), recipients.end());
        return {};
    }
    // Letters behind one dash, as getopt reads them: "-tif address" and "-tifaddress" are "-t -i -f address".
    Result<void> apply(const std::string& argument) {
        if (argument[1] == 'q') {
            return refused(argument, no_submission);
        }
        for (std::size_t i = 1; i < argument.size(); ++i) {
            const char option = argument[i];
            if (is_one_of(option, with_value)) {
                const bool attached = i + 1 < argument.size();
                if (!attached && m_rest.empty()) {
                    return refused(argument, "a value is missing");
                }
                return apply_with_value(argument, option, attached ? argument.substr(i + 1) : next());
            }
            if (!is_one_of(option, flags)) {
                return refused(argument, "not known");
            }
            if (option == 'v') {
                m_result.passed_on.emplace_back("-v");
            }
            m_result.recipients_from_header = m_result.recipients_from_header || option == 't';
        }
        return {};
    }
    Result<void> apply_with_value(const std::string& argument, char option, const std::string& value) {
        if (option == 'f' || option == 'r') {
            m_result.sender = value;
        } else if (option == 'F') {
            m_result.full_name = value;
        } else if (is_one_of(option, "NRV")) {
            m_result.passed_on.insert(m_result.passed_on.end(), {std::string("-") + option, value});
        } else if (option == 'b' && value != "m") {
            return refused(argument, no_submission);
        } else if (option == 'o' && !is_known_setting(value)) {
            return refused(argument, "not known");
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
