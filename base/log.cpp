#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

namespace signet::log {
namespace {

spdlog::level::level_enum to_spdlog(Level level) {
    switch (level) {
        case Level::debug:
            return spdlog::level::debug;
        case Level::info:
            return spdlog::level::info;
        case Level::warning:
            return spdlog::level::warn;
        case Level::error:
            break;
    }
    return spdlog::level::err;
}

}  // namespace

void start(std::string_view program, Level level) {
    auto logger = std::make_shared<spdlog::logger>(std::string(program),
                                                   std::make_shared<spdlog::sinks::stderr_sink_mt>());
    logger->set_pattern("%n[%P] %l: %v");
    logger->set_level(to_spdlog(level));
    spdlog::set_default_logger(std::move(logger));
}

void set_level(Level level) {
    spdlog::set_level(to_spdlog(level));
}

Level level() {
    for (const auto candidate : {Level::debug, Level::info, Level::warning}) {
        if (spdlog::should_log(to_spdlog(candidate))) {
            return candidate;
        }
    }
    return Level::error;
}

std::string_view name_of(Level level) {
    constexpr std::string_view names[] = {"debug", "info", "warning", "error"};
    return names[static_cast<std::size_t>(level)];
}

std::optional<Level> level_named(std::string_view name) {
    for (const auto candidate : {Level::debug, Level::info, Level::warning, Level::error}) {
        if (name_of(candidate) == name) {
            return candidate;
        }
    }
    return std::nullopt;
}

void debug(std::string_view text) {
    spdlog::debug("{}", text);
}
void info(std::string_view text) {
    spdlog::info("{}", text);
}
void warning(std::string_view text) {
    spdlog::warn("{}", text);
}
void error(std::string_view text) {
    spdlog::error("{}", text);
}

}  // namespace signet::log
