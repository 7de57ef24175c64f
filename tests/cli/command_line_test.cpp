#include "tests/cli/commands.h"
#include "tests/support/requirements.h"
#include "tests/support/subprocess.h"
#include "tests/support/temporary_directory.h"

#include <gmock/gmock.h>

#include <regex>
#include <set>

namespace signet::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

ProcessResult signet(std::vector<std::string> arguments, const std::string& input = {}) {
    arguments.insert(arguments.begin(), SIGNET_PROGRAM);
    return run(arguments,
               {.input = input, .variables = {{"SIGNET_SOCKET", "/nonexistent"}}, .working_directory = {}});
}

std::set<std::string> options_in(const std::string& help) {
    const std::regex pattern("--([a-z0-9][a-z0-9-]*)");
    std::set<std::string> options;
    for (std::sregex_iterator match(help.begin(), help.end(), pattern), end; match != end; ++match) {
        options.insert((*match)[1]);
    }
    return options;
}

TEST(CommandLine, ShowsItsVersion) {
    const auto result = signet({"--version"});
    EXPECT_EQ(result.exit_status, 0);
    EXPECT_EQ(result.output, "signet " SIGNET_VERSION "\n");
}

TEST(CommandLine, ListsEveryCommandInItsHelp) {
    const auto result = signet({"--help"});
    EXPECT_EQ(result.exit_status, 0);
    for (const auto& command : commands) {
        EXPECT_THAT(result.output, HasSubstr("\n  " + command + " "));
    }
}

TEST(CommandLine, HasHelpOnEveryCommand) {
    for (const auto& command : commands) {
        const auto result = signet({command, "--help"});
        EXPECT_EQ(result.exit_status, 0) << command;
        EXPECT_THAT(result.output, HasSubstr("Usage: signet " + command));
        EXPECT_EQ(result.error_output, "") << command;
    }
}

TEST(CommandLine, RefusesWhatItDoesNotKnow) {
    const std::vector<std::vector<std::string>> wrong_calls = {
        {},
        {"frobnicate"},
        {"tokens", "--frobnicate"},
        {"tokens", "extra"},
        {"tokens", "keys"},
        {"sign", "--digest", "md5"},
        {"sign", "--from"},
        {"sign", "--from", "a@example.org", "--key", "b@example.org"},
        {"encrypt", "--cipher", "rc2"},
        {"encrypt", "--no-self", "--from", "a@example.org"},
        {"unlock", "--pin-fd", "zero"},
        {"token"},
        {"token", "frobnicate"},
        {"token", "pin", "123456"},
        {"token", "generate", "--algorithm", "rsa1024"},
        {"token", "generate", "--slot", "9c"},
        {"token", "delete", "--slot", "nine"},
        {"token", "retries", "--pin-tries", "0", "--puk-tries", "3"},
        {"token", "object"},
        {"setup", "emacs"},
        {"setup", "git", "--system"},
        {"setup", "git", "--yes", "--dry-run"},
        {"doctor", "git"},
        {"completion"},
        {"completion", "tcsh"},
    };
    for (const auto& arguments : wrong_calls) {
        const auto result = signet(arguments);
        EXPECT_EQ(result.exit_status, 2) << testing::PrintToString(arguments);
        EXPECT_EQ(result.output, "");
        EXPECT_THAT(result.error_output, StartsWith("signet: "));
        EXPECT_THAT(result.error_output, HasSubstr("--help"));
    }
}

TEST(CommandLine, NamesWhatIsMissing) {
    EXPECT_THAT(signet({"token", "request", "--slot", "9a"}).error_output,
                StartsWith("signet: --subject is required\n"));
    EXPECT_THAT(signet({"token", "import"}).error_output, StartsWith("signet: file is required\n"));
    EXPECT_THAT(signet({"token", "object"}).error_output,
                StartsWith("signet: unknown or incomplete command: token object\n"));
}

TEST(CommandLine, RefusesAKeyThatCannotBeOne) {
    const auto result = signet({"sign", "--key", "alice"}, "From: a@example.org\n\ntext\n");
    EXPECT_EQ(result.exit_status, 2);
    EXPECT_THAT(result.error_output, HasSubstr("alice: neither an e-mail address"));
}

TEST(CommandLine, EncryptWantsARecipient) {
    const auto result = signet({"encrypt"}, "From: a@example.org\n\ntext\n");
    EXPECT_EQ(result.exit_status, 2);
    EXPECT_THAT(result.error_output, HasSubstr("name the recipients with --to or --cert"));
}

TEST(CommandLine, NamesTheFileThatIsNotThere) {
    const auto result = signet({"sign", "--in", "/nonexistent/mail"});
    EXPECT_EQ(result.exit_status, 3);
    EXPECT_EQ(result.error_output, "signet: cannot open /nonexistent/mail: No such file or directory\n");
}

TEST(CommandLine, NamesTheFileThatCannotBeRead) {
    EXPECT_EQ(signet({"verify", "--in", "/"}).error_output, "signet: cannot read /: Is a directory\n");
    EXPECT_EQ(signet({"verify", "--in", ""}).error_output,
              "signet: cannot open '': No such file or directory\n");
    EXPECT_EQ(signet({"verify", "--ca", ""}).error_output,
              "signet: cannot open '': No such file or directory\n");
}

TEST(CommandLine, ReportsAFullDisk) {
    const auto result = run({"sh", "-c", std::string(SIGNET_PROGRAM) + " completion bash >/dev/full"});
    EXPECT_EQ(result.exit_status, 3);
    EXPECT_THAT(result.error_output, HasSubstr("cannot write standard output: No space left on device"));
}

const std::string man_page = SIGNET_SOURCE_DIR "/docs/man/signet.1";

TEST(ManPage, DescribesEveryCommandAndOption) {
    const auto text = read_file(man_page);
    for (const auto& command : commands) {
        EXPECT_TRUE(std::regex_search(text, std::regex("\n\\.Ss [^\n]*\\b" + command + "\\b"))) << command;
        for (const auto& option : options_in(signet({command, "--help"}).output)) {
            EXPECT_TRUE(std::regex_search(text, std::regex("\\.It [^\n]*Fl -" + option + "( |\n)")))
                << "signet " << command << " --" << option;
        }
    }
}

TEST(ManPage, PassesMandoc) {
    SIGNET_REQUIRE_PROGRAM("mandoc");
    const auto result = run({"mandoc", "-T", "lint", "-W", "warning", man_page});
    EXPECT_EQ(result.exit_status, 0) << result.output;
}

}  // namespace
}  // namespace signet::test
