#include "tests/setup/person.h"

#include <grp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

namespace signet::test {
namespace {

namespace fs = std::filesystem;

std::string described(const fs::path& path) {
    if (fs::is_symlink(path)) {
        return "link to " + fs::read_symlink(path).string();
    }
    struct stat info {};
    stat(path.c_str(), &info);
    const std::string mode = std::to_string(info.st_mode & 07777) + " ";
    return fs::is_directory(path) ? mode + "folder" : mode + read_file(path);
}

setup::Choice choice_of(setup::ClientName client, bool system) {
    return {.client = client, .system = system};
}

}  // namespace

Person::Person() {
    surroundings.root = root();
    surroundings.home = home();
    surroundings.variables = {{"PATH", "/usr/bin"}};
    surroundings.installed = {.programs = root() / "signet/bin",
                              .module = root() / "signet/lib/signet-pkcs11.so",
                              .token_host = root() / "signet/bin/signet-token",
                              .mutt_settings = root() / "signet/share/smime.rc"};
    fs::create_directory(home());
    write("signet/bin/signet-gpgsm", "");
    write("signet/share/smime.rc", "");
}

void Person::write(const std::string& path, const std::string& content) const {
    fs::create_directories((root() / path).parent_path());
    write_file(root() / path, content);
}

void Person::install(const std::string& program) const {
    write("usr/bin/" + program, "");
    fs::permissions(root() / "usr/bin" / program, fs::perms(0755));
}

std::string Person::as_ordinary_user(const std::function<std::string()>& look) const {
    fs::permissions(root(), fs::perms(0755));
    write("found", "");
    fs::permissions(root() / "found", fs::perms(0666));
    const pid_t child = fork();
    if (child == 0) {
        if (geteuid() == 0 && (setgroups(0, nullptr) != 0 || setresgid(nobody, nobody, nobody) != 0 ||
                               setresuid(nobody, nobody, nobody) != 0)) {
            _exit(EXIT_FAILURE);
        }
        write_file(root() / "found", look());
        _exit(EXIT_SUCCESS);
    }
    int status = EXIT_FAILURE;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, EXIT_SUCCESS);
    return read_file(root() / "found");
}

std::map<std::string, std::string> Person::snapshot() const {
    std::map<std::string, std::string> files;
    for (auto entry = fs::recursive_directory_iterator(home()); entry != fs::recursive_directory_iterator();
         ++entry) {
        const std::string name = fs::relative(entry->path(), home()).string();
        if (name == ".local") {
            entry.disable_recursion_pending();
            continue;
        }
        files[name] = described(entry->path());
    }
    return files;
}

Result<setup::Plan> set_up(const Person& person, setup::ClientName client, bool system) {
    const auto choice = choice_of(client, system);
    SIGNET_TRY(const auto description, describe(choice, person.surroundings));
    SIGNET_TRY(auto plan, plan_setup(description));
    SIGNET_TRY(const auto journals, setup::JournalFolder::open(person.surroundings.state_home()));
    SIGNET_CHECK(carry_out_setup(plan, journals, record_name(choice)));
    return plan;
}

Result<setup::Plan> undo(const Person& person, setup::ClientName client, bool system) {
    const auto choice = choice_of(client, system);
    SIGNET_TRY(const auto journals, setup::JournalFolder::open(person.surroundings.state_home()));
    SIGNET_TRY(const auto journal, journals.load(record_name(choice)));
    SIGNET_TRY(auto plan, setup::plan_undo(journal.value_or(setup::Journal{})));
    SIGNET_CHECK(carry_out_undo(plan, journals, record_name(choice)));
    return plan;
}

}  // namespace signet::test
