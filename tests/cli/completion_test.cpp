#include "tests/cli/commands.h"
#include "tests/cli/fake_agent.h"
#include "tests/cli/inventories.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>

#include <sstream>

namespace signet::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::StartsWith;
using Words = std::vector<std::string>;

class Completion : public testing::Test {
  protected:
    static ipc::Inventory inventory() {
        TestAuthority authority;
        auto work = make_token("Work", {authority.issue_identity("P-256", "alice@example.org")});
        work.id = "piv:11111111";
        auto strange = make_token("Spare", {authority.issue_identity("P-256", "bob@example.org")});
        strange.id = "spare$(id)";
        return make_inventory({work, strange});
    }

    [[nodiscard]] std::string signet(Words arguments) const {
        arguments.insert(arguments.begin(), SIGNET_PROGRAM);
        return run_checked(arguments,
                           {.input = {}, .variables = m_agent.variables(), .working_directory = {}});
    }

    // What bash offers at the end of this line. The words are split as readline does it, also at "=", "@" and
    // ":".
    [[nodiscard]] Words after(const std::string& line) const {
        const std::string script = R"(
            compopt() { :; }
            source "$1"
            COMP_LINE=$2 COMP_POINT=${#2}
            mapfile -t COMP_WORDS < <(sed -E 's/[=@:]+/ & /g; s/ +/\n/g' <<<"$2")
            if [[ $2 == *[=@:] ]]; then unset 'COMP_WORDS[-1]'; fi
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            last=${COMP_WORDS[-1]}
            if [[ $last == [=@:]* ]]; then last=; fi
            _signet )" SIGNET_PROGRAM R"( "$last" "${COMP_WORDS[-2]}"
            printf '%s\n' "${COMPREPLY[@]}")";
        std::istringstream output(run_checked(
            {"bash", "-c", script, "bash", m_folder / "script", line},
            {.input = {}, .variables = m_agent.variables(), .working_directory = m_folder.path()}));
        Words words;
        for (std::string word; std::getline(output, word);) {
            if (!word.empty()) {
                words.push_back(word);
            }
        }
        return words;
    }

    void SetUp() override {
        SIGNET_REQUIRE_PROGRAM("bash");
        write_file(m_folder / "script", signet({"completion", "bash"}));
        write_file(m_folder / "mail.eml", "");
        std::filesystem::create_directory(m_folder / "mails");
    }

    FakeAgent m_agent{inventory()};
    TemporaryDirectory m_folder;
};

// As the help of a command names them, at the beginning of a line.
Words options_of_help(const std::string& help) {
    Words options;
    std::istringstream lines(help);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream first(line.starts_with("  -") ? line : "");
        for (std::string name; std::getline(first >> std::ws, name, ',');) {
            options.push_back(name.substr(0, name.find(' ')));
            if (name.find(' ') != std::string::npos) {
                break;
            }
        }
    }
    return options;
}

TEST_F(Completion, OffersCommands) {
    EXPECT_THAT(after("signet enc"), ElementsAre("encrypt"));
    EXPECT_THAT(after("signet token re"), ElementsAre("retries", "request", "reset"));
    EXPECT_THAT(after("signet token object g"), ElementsAre("get"));
    EXPECT_THAT(after("signet setup g"), ElementsAre("gpgsm", "git"));
    EXPECT_THAT(after("signet completion "), IsSupersetOf({"bash", "zsh"}));
}

TEST_F(Completion, OffersEveryOptionOfTheHelp) {
    for (const auto& command : commands) {
        const auto options = options_of_help(signet({command, "--help"}));
        EXPECT_THAT(options, IsSupersetOf({"-h", "--help"})) << command;
        EXPECT_THAT(after("signet " + command + " -"), IsSupersetOf(options)) << command;
    }
    EXPECT_THAT(after("signet sendmail -"), IsSupersetOf({"-t", "-i", "-f", "-F"}));
    EXPECT_THAT(after("signet token pin --n"), ElementsAre("--new-pin-fd"));
    EXPECT_THAT(after("signet setup firefox --s"), ElementsAre("--system"));
}

TEST_F(Completion, OffersFilesAndFoldersWhereTheyBelong) {
    for (const std::string line :
         {"verify --in mai", "verify --in=mai", "sign --bcc-out=mai", "encrypt mai"}) {
        EXPECT_THAT(after("signet " + line), testing::Contains("mails")) << line;
    }
    EXPECT_THAT(after("signet verify --in=mail."), ElementsAre("mail.eml"));
    EXPECT_THAT(after("signet sign --bcc-out mai"), ElementsAre("mails"));
    EXPECT_THAT(after("signet token generate --label mai"), IsEmpty());
}

TEST_F(Completion, OffersTheNamesThatAnOptionTakes) {
    EXPECT_THAT(after("signet sign --digest "), ElementsAre("sha256", "sha384", "sha512"));
    EXPECT_THAT(after("signet sign --digest=sha3"), ElementsAre("sha384"));
    EXPECT_THAT(after("signet encrypt --cipher aes128"), ElementsAre("aes128_cbc", "aes128_gcm"));
    EXPECT_THAT(after("signet token generate --algorithm rsa2"), ElementsAre("rsa2048"));
    EXPECT_THAT(after("signet token management-key --algorithm t"), ElementsAre("tdes"));
}

TEST_F(Completion, OffersTheAddressesOfTheKeys) {
    EXPECT_THAT(after("signet sign --from "), ElementsAre("alice@example.org", "bob@example.org"));
    EXPECT_THAT(after("signet decrypt --key=bo"), ElementsAre("bob@example.org"));
    EXPECT_THAT(after("signet sendmail -f a"), ElementsAre("alice@example.org"));
}

TEST_F(Completion, RepeatsNothingOfAWordThatReadlineSplits) {
    EXPECT_THAT(after("signet sign --from alice@"), ElementsAre("example.org"));
    EXPECT_THAT(after("signet sign --from=bob@ex"), ElementsAre("example.org"));
    EXPECT_THAT(after("signet lock --token piv:11"), ElementsAre("11111111"));
}

TEST_F(Completion, OffersTokensButNothingThatTheShellWouldRun) {
    EXPECT_THAT(after("signet lock --token "), ElementsAre("piv:11111111"));
}

TEST_F(Completion, ForZshNamesEveryOption) {
    const auto script = signet({"completion", "zsh"});
    EXPECT_THAT(script, StartsWith("#compdef signet\n"));
    for (const auto& command : commands) {
        for (const auto& option : options_of_help(signet({command, "--help"}))) {
            EXPECT_THAT(script, testing::ContainsRegex("'[*]?" + option + "=?\\["));
        }
    }
    EXPECT_THAT(script, HasSubstr("--digest=[Digest\\: sha256, sha384 or sha512 (default\\: what fits the "
                                  "key)]:NAME:(sha256 sha384 sha512)'"));
    EXPECT_THAT(script, HasSubstr(":ADDRESS:_signet_addresses'"));
}

}  // namespace
}  // namespace signet::test
