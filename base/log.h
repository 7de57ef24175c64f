#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace signet::log {

enum class Level { debug, info, warning, error };

// Lines go to standard error, as "signet-agent[pid] level: text"; journald reads them from there.
void start(std::string_view program, Level level);
void set_level(Level level);
[[nodiscard]] Level level();

// "debug", "info", "warning" or "error".
std::string_view name_of(Level level);
std::optional<Level> level_named(std::string_view name);

// Text is one line; whoever calls makes sure that no secret is in it.
void debug(std::string_view text);
void info(std::string_view text);
void warning(std::string_view text);
void error(std::string_view text);

}  // namespace signet::log
