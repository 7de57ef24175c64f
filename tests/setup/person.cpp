#include "tests/setup/person.h"

#include <sys/stat.h>

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
    fs::permissions(root() / "usr/bin" / program, fs::perms::owner_all);
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
