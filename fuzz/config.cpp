// A configuration file of anybody's.
#include "agent/config.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    signet::agent::Config config;
    (void)signet::agent::apply_config(config, {reinterpret_cast<const char*>(data), size}, "fuzz.toml");
    return 0;
}
