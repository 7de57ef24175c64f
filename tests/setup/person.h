#pragma once

#include "setup/plan.h"
#include "setup/surroundings.h"
#include "tests/support/temporary_directory.h"

#include <functional>
#include <map>
#include <string>

namespace signet::test {

// Of an ordinary user, and of a group with nobody else in it.
inline constexpr unsigned nobody = 65534;

// Somebody on a machine of their own: a root of the file system with a home, programs and an installed
// signet.
class Person {
  public:
    Person();

    // Below the root; folders on the way are made.
    void write(const std::string& path, const std::string& content) const;
    void write_home(const std::string& path, const std::string& content) const {
        write("home/" + path, content);
    }
    [[nodiscard]] std::string read_home(const std::string& path) const { return read_file(home() / path); }
    // An empty program in /usr/bin.
    void install(const std::string& program) const;

    [[nodiscard]] std::filesystem::path root() const { return m_folder.path(); }
    [[nodiscard]] std::filesystem::path home() const { return m_folder / "home"; }
    // Has `look` look at all this as somebody who is not root, in a process of its own; what it finds.
    [[nodiscard]] std::string as_ordinary_user(const std::function<std::string()>& look) const;
    // All files of the home with their contents and modes, links with where they lead, and the folders.
    // What signet remembers is left out.
    [[nodiscard]] std::map<std::string, std::string> snapshot() const;

    setup::Surroundings surroundings;

  private:
    TemporaryDirectory m_folder;
};

// Plans, and carries it out.
Result<setup::Plan> set_up(const Person& person, setup::ClientName client, bool system = false);
Result<setup::Plan> undo(const Person& person, setup::ClientName client, bool system = false);

}  // namespace signet::test
