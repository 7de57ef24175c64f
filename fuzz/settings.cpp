// Settings files of anybody's: those of signet sendmail, of signet-gpgsm and of signet-ssh-agent.
#include "cli/gpgsm/settings.h"

#include "cli/sendmail/settings.h"
#include "ssh/settings.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    (void)signet::sendmail::parse_settings(text, "fuzz.toml", "/");
    (void)signet::gpgsm::parse_settings(text, "fuzz.toml", "/");
    signet::ssh::Settings settings;
    (void)signet::ssh::apply_settings(settings, text, "fuzz.toml");
    return 0;
}
