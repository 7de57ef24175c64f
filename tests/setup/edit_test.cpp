#include "setup/edit.h"

#include "setup/plan.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>

#include <regex>

namespace signet::test {
namespace {

using setup::apply_edit;
using setup::Content;
using setup::EditKind;
using setup::GitSettings;
using setup::MarkedBlock;
using setup::NssModule;
using setup::PolicyDevice;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string applied(const setup::Edit& edit, const Content& content) {
    const auto result = apply_edit(edit, content);
    EXPECT_TRUE(result) << result.error().detail;
    return result && *result ? **result : "";
}

// Applied, then changed as `spoil` says, and reverted.
Content reverted(const setup::Edit& edit, const Content& before, const std::string& further = {}) {
    const Content after = applied(edit, before);
    const auto result = revert(kind_of(edit), *after + further, before, after);
    EXPECT_TRUE(result) << result.error().detail;
    return result.value_or("failed");
}

// As an editor of another system leaves it.
std::string with_cr(const std::string& text) {
    return std::regex_replace(text, std::regex("\n"), "\r\n");
}

TEST(MarkedBlockEdit, AppendsItsLinesOnce) {
    const MarkedBlock edit{"a line\n", "undo it"};
    const auto once = applied(edit, "without end");
    EXPECT_THAT(once,
                AllOf(testing::StartsWith("without end\n# Begin"), HasSubstr(": undo it\na line\n# End")));
    EXPECT_EQ(applied(edit, once), once);
}

TEST(MarkedBlockEdit, ReplacesItsOlderLinesInTheirPlace) {
    const auto old_text = applied(MarkedBlock{"old\n", "undo it"}, "first\n") + "last\n";
    const auto text = applied(MarkedBlock{"new\n", "undo it"}, old_text);
    EXPECT_THAT(text, AllOf(HasSubstr("\nnew\n"), Not(HasSubstr("old")), testing::EndsWith("\nlast\n")));
}

TEST(MarkedBlockEdit, TakesAwayNoMoreThanItsOwn) {
    const MarkedBlock edit{"a line\n", "undo it"};
    EXPECT_EQ(reverted(edit, "first\n", "last\n"), "first\nlast\n");
    EXPECT_EQ(reverted(edit, std::nullopt), std::nullopt) << "a file that was not there";
    EXPECT_EQ(reverted(edit, ""), "") << "an empty file";
}

TEST(MarkedBlockEdit, IsKnownWhereAnotherSystemHasEndedItsLines) {
    const MarkedBlock edit{"a line\n", "undo it"};
    const std::string text = with_cr(applied(edit, "first\n"));
    EXPECT_EQ(setup::without_block(text + "last\r\n"), "first\r\nlast\r\n");
    EXPECT_THAT(applied(MarkedBlock{"new\n", "undo it"}, text), Not(HasSubstr("a line")));
    const std::string unfinished = text.substr(0, text.size() - 2);
    EXPECT_EQ(setup::without_block(unfinished), "first\r\n");
}

TEST(MarkedBlockEdit, LeavesABlockAloneWhoseEndIsGone) {
    const auto text = applied(MarkedBlock{"a line\n", "undo it"}, "first\n");
    const std::string damaged = text.substr(0, text.find("# End"));
    EXPECT_EQ(setup::without_block(damaged), damaged);
}

TEST(PolicyEdit, KeepsAllOtherPolicies) {
    const auto text =
        applied(PolicyDevice{"/m.so", ""},
                R"({"policies": {"DisableTelemetry": true, "SecurityDevices": {"Add": {"other": "/o.so"},
                                  "Delete": ["old"]}, "Extensions": {"Install": ["a", "b"]}}, "x": [1, null]})");
    EXPECT_EQ(text, R"({
  "policies": {
    "DisableTelemetry": true,
    "SecurityDevices": {
      "Add": {
        "other": "/o.so",
        "signet": "/m.so"
      },
      "Delete": [
        "old"
      ]
    },
    "Extensions": {
      "Install": [
        "a",
        "b"
      ]
    }
  },
  "x": [
    1,
    null
  ]
}
)");
    EXPECT_EQ(applied(PolicyDevice{"/m.so", ""}, text), text);
}

// Where "Add" stands beside names of the older form, the program ignores these.
TEST(PolicyEdit, KeepsToTheOlderFormWhereThatIsInUse) {
    const auto text =
        applied(PolicyDevice{"/m.so", ""}, R"({"policies": {"SecurityDevices": {"other": "/o.so"}}})");
    EXPECT_THAT(text, AllOf(HasSubstr(R"("signet": "/m.so")"), Not(HasSubstr("Add"))));
}

TEST(PolicyEdit, AddsNoModuleThatIsThereUnderAnotherName) {
    const std::string named = R"({"policies":{"SecurityDevices":{"Add":{"foo":"/m.so"}}}})";
    EXPECT_EQ(applied(PolicyDevice{.module = "/m.so", .inherited = {}}, named), named);
    EXPECT_THAT(applied(PolicyDevice{.module = "/new.so", .inherited = {}}, named),
                testing::HasSubstr(R"("signet": "/new.so")"));
}

TEST(PolicyEdit, BeginsWithThePoliciesThatCountedBefore) {
    const PolicyDevice edit{"/m.so", R"({"policies": {"DisableTelemetry": true}})"};
    EXPECT_THAT(applied(edit, std::nullopt), AllOf(HasSubstr("DisableTelemetry"), HasSubstr("/m.so")));
    EXPECT_THAT(applied(edit, R"({"policies": {}})"), Not(HasSubstr("DisableTelemetry")));
}

TEST(PolicyEdit, TakesAwayNoMoreThanItsOwn) {
    const PolicyDevice edit{"/m.so", ""};
    const Content before = R"({"policies": {"A": true}})";
    const Content after = applied(edit, before);
    std::string current = *after;
    current.replace(current.find("true"), 4, "false");
    const auto result = revert(EditKind::policy_device, current, before, after);
    ASSERT_TRUE(result);
    EXPECT_EQ(**result, "{\n  \"policies\": {\n    \"A\": false\n  }\n}\n");
}

TEST(PolicyEdit, LeavesAModuleThatThePersonNamedSince) {
    const Content after = applied(PolicyDevice{"/m.so", ""}, "{}");
    const Content current = applied(PolicyDevice{"/mine.so", ""}, after);
    EXPECT_EQ(*revert(EditKind::policy_device, current, "{}", after), current);
}

TEST(PolicyEdit, RefusesWhatItCannotRead) {
    for (const std::string text : {"", "{", "[]", "{} x", R"({"policies": 1})",
                                   R"({"policies": {"SecurityDevices": []}})", "{'a': 1}"}) {
        const auto result = apply_edit(PolicyDevice{"/m.so", ""}, text);
        ASSERT_FALSE(result) << text;
        EXPECT_EQ(result.error().code, ErrorCode::malformed) << text;
    }
    EXPECT_FALSE(apply_edit(PolicyDevice{"/m.so", ""}, std::string(100, '[')));
}

const std::string nss_database = "library=\nname=NSS Internal PKCS #11 Module\nparameters=configdir='x'\n\n";

TEST(NssEdit, AddsAModuleOnce) {
    const auto text = applied(NssModule{"/m.so"}, nss_database);
    EXPECT_EQ(text, nss_database + "library=/m.so\nname=signet\n\n");
    EXPECT_EQ(applied(NssModule{"/m.so"}, text), text);
    EXPECT_EQ(applied(NssModule{"/new.so"}, text), nss_database + "library=/new.so\nname=signet\n\n");
}

TEST(NssEdit, AddsNoModuleThatIsThereUnderAnotherName) {
    const std::string named = nss_database + "library=/m.so\nname=Signet\n\n";
    EXPECT_EQ(applied(NssModule{"/m.so"}, named), named);
    EXPECT_EQ(applied(NssModule{"/new.so"}, named), named + "library=/new.so\nname=signet\n\n");
}

TEST(NssEdit, KeepsOtherModulesWhoseLinesAnotherSystemHasEnded) {
    const std::string text = with_cr(nss_database + "library=/old.so\nname=signet\n\n");
    EXPECT_EQ(applied(NssModule{"/m.so"}, text), with_cr(nss_database) + "library=/m.so\nname=signet\n\n");
}

TEST(NssEdit, TakesAwayNoMoreThanItsOwn) {
    const std::string other = "library=/o.so\nname=other\n\n";
    EXPECT_EQ(reverted(NssModule{"/m.so"}, nss_database, other), nss_database + other);
    const Content after = applied(NssModule{"/m.so"}, nss_database);
    const Content current = applied(NssModule{"/mine.so"}, nss_database);
    EXPECT_EQ(*revert(EditKind::nss_module, current, nss_database, after), current);
}

class GitEdit : public testing::Test {
  protected:
    void SetUp() override { SIGNET_REQUIRE_PROGRAM("git"); }
    GitSettings edit{{{"gpg.format", "x509"}, {"gpg.x509.program", "/p"}}};
};

TEST_F(GitEdit, KeepsWhatElseIsThere) {
    const auto text = applied(edit, "# mine\n[user]\n\tname = Rita ; comment\n");
    EXPECT_THAT(text, testing::StartsWith("# mine\n[user]\n\tname = Rita ; comment\n"));
    EXPECT_THAT(text, AllOf(HasSubstr("format = x509"), HasSubstr("program = /p")));
    EXPECT_EQ(applied(edit, text), text);
}

TEST_F(GitEdit, BringsBackTheValuesBefore) {
    const std::string before = "[gpg]\n\tformat = openpgp\n\tformat = ssh\n";
    EXPECT_EQ(reverted(edit, before, "[x]\n\ty = 1\n"), before + "[x]\n\ty = 1\n");
    EXPECT_EQ(reverted(edit, std::nullopt), std::nullopt);
}

TEST_F(GitEdit, LeavesAValueThatThePersonChangedSince) {
    const Content after = applied(edit, "");
    const Content current = applied(GitSettings{{{"gpg.format", "ssh"}}}, after);
    const auto result = revert(EditKind::git_settings, current, "", after);
    ASSERT_TRUE(result);
    EXPECT_THAT(**result, AllOf(HasSubstr("format = ssh"), Not(HasSubstr("x509"))));
}

TEST_F(GitEdit, RefusesWhatGitCannotRead) {
    const auto result = apply_edit(edit, "[broken\n");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::malformed);
    EXPECT_THAT(result.error().detail, AllOf(HasSubstr("bad config line 1"), Not(HasSubstr("signet-setup"))));
}

TEST(Difference, ShowsWhatGoesAndWhatComes) {
    EXPECT_THAT(setup::difference("a\nb\nc\nd\n", "a\nx\nc\ny\nd\n"), ElementsAre("-b", "+x", "+y"));
    EXPECT_THAT(setup::difference(std::nullopt, "a\n"), ElementsAre("+a"));
    EXPECT_THAT(setup::difference("a\n", std::nullopt), ElementsAre("-a"));
    EXPECT_THAT(setup::difference("a\n", "a\n"), testing::IsEmpty());
    EXPECT_THAT(setup::difference("a\na\n", "a\n"), ElementsAre("-a"));
}

TEST(Difference, IsBoundedForLongFiles) {
    std::string a;
    std::string b;
    for (int i = 0; i < 5000; ++i) {
        a += "a" + std::to_string(i) + "\n";
        b += "b" + std::to_string(i) + "\n";
    }
    EXPECT_EQ(setup::difference(a, b).size(), 10000U);
}

}  // namespace
}  // namespace signet::test
