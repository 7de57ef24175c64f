#include "tests/setup/person.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

namespace signet::test {
namespace {

namespace fs = std::filesystem;
using setup::ClientName;
using testing::HasSubstr;

class Setup : public testing::Test {
  protected:
    void expect_success(const Result<setup::Plan>& result) { EXPECT_TRUE(result) << result.error().detail; }
    void expect_refusal(ErrorCode code, const std::string& reason) {
        const auto before = person.snapshot();
        const auto result = set_up(person, ClientName::ssh);
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().code, code);
        EXPECT_THAT(result.error().detail, HasSubstr(reason));
        EXPECT_EQ(person.snapshot(), before);
    }

    Person person;
};

TEST_F(Setup, UndoneLeavesTheHomeAsItWas) {
    person.write_home(".ssh/config", "Host a\n    User b");
    fs::permissions(person.home() / ".ssh/config", fs::perms::owner_read | fs::perms::owner_write);
    const auto before = person.snapshot();
    expect_success(set_up(person, ClientName::ssh));
    EXPECT_NE(person.snapshot(), before);
    expect_success(undo(person, ClientName::ssh));
    EXPECT_EQ(person.snapshot(), before);
}

TEST_F(Setup, MakesFoldersAndTakesThemAway) {
    const auto before = person.snapshot();
    expect_success(set_up(person, ClientName::p11_kit));
    EXPECT_TRUE(fs::exists(person.home() / ".config/pkcs11/modules/signet.module"));
    expect_success(undo(person, ClientName::p11_kit));
    EXPECT_EQ(person.snapshot(), before);
}

TEST_F(Setup, LeavesAFolderThatHoldsSomethingElseByNow) {
    expect_success(set_up(person, ClientName::ssh));
    person.write_home(".ssh/known_hosts", "mine");
    expect_success(undo(person, ClientName::ssh));
    EXPECT_EQ(person.snapshot().size(), 2U);
    EXPECT_EQ(person.read_home(".ssh/known_hosts"), "mine");
}

TEST_F(Setup, ChangesNothingTheSecondTime) {
    expect_success(set_up(person, ClientName::ssh));
    const auto once = person.snapshot();
    const auto again = set_up(person, ClientName::ssh);
    expect_success(again);
    EXPECT_TRUE(again->changes.empty());
    EXPECT_EQ(person.snapshot(), once);
}

TEST_F(Setup, KeepsTheFirstOriginalWhenSignetHasMoved) {
    person.write_home(".ssh/config", "Host a\n");
    const auto before = person.snapshot();
    expect_success(set_up(person, ClientName::ssh));
    person.surroundings.installed.module = "/elsewhere/signet-pkcs11.so";
    expect_success(set_up(person, ClientName::ssh));
    EXPECT_THAT(person.read_home(".ssh/config"), HasSubstr("/elsewhere/"));
    expect_success(undo(person, ClientName::ssh));
    EXPECT_EQ(person.snapshot(), before);
}

TEST_F(Setup, KeepsWhatThePersonWroteSince) {
    person.write_home(".ssh/config", "Host a\n");
    expect_success(set_up(person, ClientName::ssh));
    person.write_home(".ssh/config", "Host b\n" + person.read_home(".ssh/config") + "Host c\n");
    const auto undone = undo(person, ClientName::ssh);
    expect_success(undone);
    EXPECT_EQ(person.read_home(".ssh/config"), "Host b\nHost a\nHost c\n");
    ASSERT_EQ(undone->notes.size(), 1U);
    EXPECT_THAT(undone->notes[0], HasSubstr(".ssh/config was changed since"));
}

TEST_F(Setup, BringsBackWhatThePersonWroteBetweenTwoSetups) {
    person.write_home(".ssh/config", "Host a\n");
    expect_success(set_up(person, ClientName::ssh));
    person.write_home(".ssh/config", person.read_home(".ssh/config") + "Host c\n");
    person.surroundings.installed.module = "/elsewhere/signet-pkcs11.so";
    expect_success(set_up(person, ClientName::ssh));
    expect_success(undo(person, ClientName::ssh));
    EXPECT_EQ(person.read_home(".ssh/config"), "Host a\nHost c\n");
}

TEST_F(Setup, LeavesAFileGoneThatThePersonDeletedSince) {
    expect_success(set_up(person, ClientName::ssh));
    fs::remove(person.home() / ".ssh/config");
    expect_success(undo(person, ClientName::ssh));
    EXPECT_FALSE(fs::exists(person.home() / ".ssh"));
}

TEST_F(Setup, WritesThroughALink) {
    person.write_home("dotfiles/ssh", "Host a\n");
    fs::create_directory(person.home() / ".ssh");
    fs::create_symlink("../dotfiles/ssh", person.home() / ".ssh/config");
    const auto before = person.snapshot();
    expect_success(set_up(person, ClientName::ssh));
    EXPECT_TRUE(fs::is_symlink(person.home() / ".ssh/config"));
    EXPECT_THAT(person.read_home("dotfiles/ssh"), HasSubstr("PKCS11Provider"));
    expect_success(undo(person, ClientName::ssh));
    EXPECT_EQ(person.snapshot(), before);
}

// As stow does with a file that it adopts.
TEST_F(Setup, IsUndoneThroughALinkThatWasMadeSince) {
    person.write_home(".ssh/config", "Host a\n");
    expect_success(set_up(person, ClientName::ssh));
    fs::create_directory(person.home() / "dotfiles");
    fs::rename(person.home() / ".ssh/config", person.home() / "dotfiles/ssh");
    fs::create_symlink("../dotfiles/ssh", person.home() / ".ssh/config");
    person.surroundings.installed.module = "/new/signet-pkcs11.so";
    expect_success(set_up(person, ClientName::ssh));
    expect_success(undo(person, ClientName::ssh));
    EXPECT_TRUE(fs::is_symlink(person.home() / ".ssh/config"));
    EXPECT_EQ(person.read_home("dotfiles/ssh"), "Host a\n");
}

TEST_F(Setup, IsUndoneByItsCommentsWhereNothingIsRemembered) {
    person.write_home(".ssh/config", "Host a\n");
    expect_success(set_up(person, ClientName::ssh));
    expect_success(set_up(person, ClientName::openssl));
    person.surroundings.variables["XDG_STATE_HOME"] = (person.home() / "state").string();
    for (const auto client : {ClientName::ssh, ClientName::openssl}) {
        const auto plan = plan_removal(*describe({.client = client}, person.surroundings));
        expect_success(plan);
        const auto journals = setup::JournalFolder::open(person.surroundings.state_home());
        EXPECT_TRUE(carry_out_undo(*plan, *journals, "ssh"));
    }
    EXPECT_EQ(person.read_home(".ssh/config"), "Host a\n");
    EXPECT_FALSE(fs::exists(person.home() / ".config/environment.d/50-signet-openssl.conf"));
}

TEST_F(Setup, RefusesALinkToNothing) {
    fs::create_directory(person.home() / ".ssh");
    fs::create_symlink("gone", person.home() / ".ssh/config");
    expect_refusal(ErrorCode::not_found, "is a link to a file that is not there");
}

TEST_F(Setup, RefusesLinksInACircle) {
    fs::create_directory(person.home() / ".ssh");
    fs::create_symlink("config", person.home() / ".ssh/config");
    const auto result = set_up(person, ClientName::ssh);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::input_output);
    EXPECT_THAT(result.error().detail, HasSubstr(".ssh/config"));
}

TEST_F(Setup, RefusesAReadOnlyFile) {
    person.write_home(".ssh/config", "Host a\n");
    fs::permissions(person.home() / ".ssh/config", fs::perms::owner_read);
    expect_refusal(ErrorCode::not_allowed, "is read-only");
    EXPECT_FALSE(fs::exists(person.home() / ".local/state/signet/setup/ssh.json"));
}

TEST_F(Setup, ShowsWhatItWouldDoToAReadOnlyFile) {
    person.write_home(".ssh/config", "Host a\n");
    fs::permissions(person.home() / ".ssh/config", fs::perms::owner_read);
    const auto plan = plan_setup(*describe({.client = ClientName::ssh}, person.surroundings));
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->changes.size(), 1U);
    EXPECT_EQ(check_writable(*plan).error().code, ErrorCode::not_allowed);
}

TEST_F(Setup, RefusesAFolderOfSomebodyElse) {
    fs::permissions(person.home(), fs::perms(0555));
    const auto found = person.as_ordinary_user([this] {
        const auto plan = plan_setup(*describe({.client = ClientName::ssh}, person.surroundings));
        return check_writable(*plan) ? std::string("written") : check_writable(*plan).error().detail;
    });
    EXPECT_THAT(found, HasSubstr("nothing can be written in " + person.home().string()));
}

// Files of an ordinary user, which only root can give to others.
class SetupOfOrdinaryUser : public Setup {
  protected:
    void SetUp() override {
        if (geteuid() != 0) {
            GTEST_SKIP() << "only root can give files away";
        }
        person.write_home(".ssh/config", "Host a\n");
        give(person.home(), nobody, nobody);
        give(person.home() / ".ssh", nobody, nobody);
    }
    static void give(const fs::path& path, uid_t owner, gid_t group) {
        EXPECT_EQ(chown(path.c_str(), owner, group), 0);
    }
    // With the file like this; what became of it, or of the attempt.
    [[nodiscard]] std::string set_up_with(uid_t owner, gid_t group, mode_t mode) const {
        give(person.home() / ".ssh/config", owner, group);
        EXPECT_EQ(chmod((person.home() / ".ssh/config").c_str(), mode), 0);
        return person.as_ordinary_user([this] {
            const auto done = set_up(person, ClientName::ssh);
            return done ? attributes() : done.error().detail;
        });
    }
    [[nodiscard]] std::string attributes() const {
        struct stat info {};
        EXPECT_EQ(stat((person.home() / ".ssh/config").c_str(), &info), 0);
        char text[64] = {};
        std::snprintf(text, sizeof text, "%u:%u %o", info.st_uid, info.st_gid, info.st_mode & 07777);
        return text;
    }
};

TEST_F(SetupOfOrdinaryUser, GivesAFileOfAStrangeGroupTheOwnOneAndNobodyMoreRights) {
    EXPECT_EQ(set_up_with(nobody, nobody, 0640), "65534:65534 640");
    const auto set_up_again = [this](mode_t mode) {
        const auto undone = person.as_ordinary_user([this] {
            const auto done = undo(person, ClientName::ssh);
            return done ? std::string("undone") : done.error().detail;
        });
        EXPECT_EQ(undone, "undone");
        return set_up_with(nobody, 0, mode);
    };
    EXPECT_EQ(set_up_again(0644), "65534:65534 644");
    EXPECT_EQ(set_up_again(0660), "65534:65534 600");
    EXPECT_EQ(set_up_again(02604), "65534:65534 600");
}

TEST_F(SetupOfOrdinaryUser, IsNotDoneByRoot) {
    const auto before = person.snapshot();
    const auto result = set_up(person, ClientName::ssh);
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().detail, HasSubstr("without sudo"));
    EXPECT_EQ(person.snapshot(), before);
    EXPECT_FALSE(fs::exists(person.home() / ".local"));
}

TEST_F(SetupOfOrdinaryUser, RefusesAFileOfSomebodyElseBeforeAnythingIsDone) {
    EXPECT_THAT(set_up_with(0, 0, 0644), HasSubstr("belongs to somebody else"));
    EXPECT_FALSE(fs::exists(person.home() / ".local/state/signet/setup/ssh.json"));
}

TEST_F(Setup, RefusesWhatIsNoFile) {
    fs::create_directories(person.home() / ".ssh/config");
    expect_refusal(ErrorCode::invalid_parameter, "is no regular file");
}

TEST_F(Setup, RefusesAFileThatIsTooLong) {
    person.write_home(".ssh/config", std::string((1 << 20) + 1, '#'));
    expect_refusal(ErrorCode::too_large, "longer than");
}

TEST_F(Setup, RefusesAFileThatChangesMeanwhile) {
    person.write_home(".ssh/config", "Host a\n");
    const auto client = describe({.client = ClientName::ssh}, person.surroundings);
    const auto plan = plan_setup(*client);
    person.write_home(".ssh/config", "Host b\n");
    const auto journals = setup::JournalFolder::open(person.surroundings.state_home());
    const auto result = carry_out_setup(*plan, *journals, "ssh");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::not_allowed);
    EXPECT_EQ(person.read_home(".ssh/config"), "Host b\n");
}

TEST_F(Setup, IsForOneProcessAtATime) {
    const auto journals = setup::JournalFolder::open(person.surroundings.state_home());
    ASSERT_TRUE(journals);
    const auto second = set_up(person, ClientName::ssh);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::not_allowed);
}

TEST_F(Setup, RefusesAJournalThatItDoesNotKnow) {
    expect_success(set_up(person, ClientName::ssh));
    const std::string journal = ".local/state/signet/setup/ssh.json";
    std::string text = person.read_home(journal);
    for (const auto& [from, to] : std::map<std::string, std::string>{
             {"\"version\": 1", "\"version\": 2"}, {"marked_block", "magic"}, {"\"finished\"", "\"done\""}}) {
        std::string changed = text;
        changed.replace(changed.find(from), from.size(), to);
        person.write_home(journal, changed);
        const auto result = undo(person, ClientName::ssh);
        ASSERT_FALSE(result) << to;
        EXPECT_EQ(result.error().code, ErrorCode::malformed) << to;
    }
}

TEST_F(Setup, GoesOnWhereItWasInterrupted) {
    person.write_home(".gnupg/gpg-agent.conf", "verbose\n");
    person.install("gnupg-pkcs11-scd");
    const auto before = person.snapshot();
    // The journal says two files; one of them is written, and a third was about to be.
    expect_success(set_up(person, ClientName::gpgsm));
    const auto whole = person.snapshot();
    const auto journals = [this] { return setup::JournalFolder::open(person.surroundings.state_home()); };
    {
        const auto folder = journals();
        auto journal = folder->load("gpgsm");
        (*journal)->finished = false;
        ASSERT_TRUE(folder->save("gpgsm", **journal));
    }
    person.write_home(".gnupg/gpg-agent.conf", "verbose\n");
    person.write_home(".gnupg/gpg-agent.conf.signet-new", "half");
    expect_success(set_up(person, ClientName::gpgsm));
    EXPECT_EQ(person.snapshot(), whole);
    EXPECT_TRUE((*journals()->load("gpgsm"))->finished);
    expect_success(undo(person, ClientName::gpgsm));
    EXPECT_EQ(person.snapshot(), before);
}

}  // namespace
}  // namespace signet::test
