#include "setup/git_settings.h"

#include "setup/files.h"
#include "setup/subprocess.h"
#include "setup/temporary_folder.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <utility>

namespace signet::setup {
namespace {

namespace fs = std::filesystem;

// The values of a setting, in their order.
using Values = std::vector<std::string>;
using Settings = std::map<std::string, Values>;

// A copy of git's settings.
class Copy {
  public:
    static Result<Copy> make(const Content& content) {
        SIGNET_TRY(auto folder, TemporaryFolder::make());
        Copy copy{std::move(folder)};
        if (content) {
            SIGNET_CHECK(replace_file(copy.file(), content, 0600));
        }
        return copy;
    }

    [[nodiscard]] Result<Content> content() const {
        SIGNET_TRY(auto read, open_file(file()));
        return std::move(read.content);
    }
    [[nodiscard]] Result<Settings> settings() const {
        if (!fs::exists(file())) {
            return Settings();
        }
        SIGNET_TRY(const auto result, git({"--null", "--list"}));
        SIGNET_CHECK(check(result));
        return parsed(result.output);
    }
    // All of its values give way to these.
    [[nodiscard]] Result<void> replace(const std::string& name, const Values& values) const {
        std::vector<std::vector<std::string>> calls;
        if (values.empty()) {
            calls.push_back({"--unset-all", name});
        }
        for (const auto& value : values) {
            calls.push_back({calls.empty() ? "--replace-all" : "--add", name, value});
        }
        for (const auto& call : calls) {
            SIGNET_TRY(const auto result, git(call));
            SIGNET_CHECK(check(result));
        }
        return {};
    }

  private:
    explicit Copy(TemporaryFolder folder) : m_folder(std::move(folder)) {}
    [[nodiscard]] fs::path file() const { return m_folder.path() / "config"; }
    [[nodiscard]] Result<ProgramResult> git(const std::vector<std::string>& arguments) const {
        std::vector<std::string> command{"git", "config", "--file", file().string()};
        command.insert(command.end(), arguments.begin(), arguments.end());
        return run_program(command,
                           {"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "LC_ALL=C.UTF-8"});
    }
    // git names the copy; the person knows the file.
    [[nodiscard]] Result<void> check(const ProgramResult& result) const {
        if (result.status == 0) {
            return {};
        }
        std::string reason = result.diagnostics.substr(0, result.diagnostics.find('\n'));
        const std::string own = " in file " + file().string();
        if (const auto place = reason.find(own); place != std::string::npos) {
            reason.erase(place, own.size());
        }
        return failure(ErrorCode::malformed, "git config", reason);
    }
    // "name\nvalue\0"; a name alone is true.
    static Settings parsed(const std::string& output) {
        Settings settings;
        for (std::size_t begin = 0; begin < output.size();) {
            const auto end = std::min(output.find('\0', begin), output.size());
            const std::string entry = output.substr(begin, end - begin);
            const auto line_end = std::min(entry.find('\n'), entry.size());
            settings[entry.substr(0, line_end)].push_back(
                line_end == entry.size() ? "true" : entry.substr(line_end + 1));
            begin = end + 1;
        }
        return settings;
    }

    TemporaryFolder m_folder;
};

Result<Settings> settings_in(const Content& content) {
    SIGNET_TRY(const auto copy, Copy::make(content));
    return copy.settings();
}

Values values_of(const Settings& settings, const std::string& name) {
    const auto found = settings.find(name);
    return found == settings.end() ? Values() : found->second;
}

// git writes section and variable in lower case; what is between them stays.
std::string as_listed(std::string name) {
    const auto first = name.find('.');
    const auto last = name.rfind('.');
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (i < first || i > last) {
            name[i] = static_cast<char>(std::tolower(static_cast<unsigned char>(name[i])));
        }
    }
    return name;
}

}  // namespace

Result<Content> apply_to(const GitSettings& wanted, const Content& content) {
    SIGNET_TRY(const auto copy, Copy::make(content));
    SIGNET_TRY(const auto present, copy.settings());
    for (const auto& [name, value] : wanted.values) {
        if (values_of(present, as_listed(name)) != Values{value}) {
            SIGNET_CHECK(copy.replace(name, {value}));
        }
    }
    return copy.content();
}

Result<Content> revert_git_settings(const Content& current, const Content& before, const Content& after) {
    SIGNET_TRY(const auto old_settings, settings_in(before));
    SIGNET_TRY(const auto own_settings, settings_in(after));
    SIGNET_TRY(const auto copy, Copy::make(current));
    SIGNET_TRY(const auto present, copy.settings());
    for (const auto& [name, values] : own_settings) {
        const Values old_values = values_of(old_settings, name);
        if (values != old_values && values_of(present, name) == values) {
            SIGNET_CHECK(copy.replace(name, old_values));
        }
    }
    SIGNET_TRY(auto content, copy.content());
    return content && content->empty() && !before ? Content() : std::move(content);
}

Result<Content> git_value(const Content& content, const std::string& name) {
    SIGNET_TRY(const auto settings, settings_in(content));
    const auto values = values_of(settings, as_listed(name));
    return values.empty() ? Content() : Content(values.back());
}

}  // namespace signet::setup
