#pragma once

#include "base/result.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace signet::test::piv_card {

enum class Application : std::uint8_t { piv, derived, both };
// What the 4F of the SELECT answer holds, and whether the optional tags follow it.
enum class SelectAnswer : std::uint8_t { complete, full_aid, minimal };
enum class CertificateForm : std::uint8_t {
    stored,    // as it was written
    gzip,      // 71 01
    old_gzip,  // 71 80: the bit of cards before SP 800-73-1's correction
    net_id,    // 71 01, 70 { 01 00, length in 16 bits little-endian, zlib }
};
enum class PinFormat : std::uint8_t { digits, alphanumeric, any };
enum class Touch : std::uint8_t { given, refused, awaited };

// How this card differs from others. Each is set by "name=value"; setting_names() lists them.
struct Settings {
    Application application = Application::piv;
    SelectAnswer select_answer = SelectAnswer::complete;
    CertificateForm certificates = CertificateForm::stored;
    PinFormat pin_format = PinFormat::digits;
    bool extended_length = true;
    bool says_more_after_full_block = true;  // 61xx after 256 octets; else 9000 though more waits
    bool corrects_expected_length = false;   // 6Cxx where Le is too small; else what fits and 61xx
    bool discovery = true;
    bool global_pin = false;
    bool global_pin_is_primary = false;
    bool absent_objects_are_empty = false;        // 53 00 instead of 6A82
    bool absent_objects_are_unsupported = false;  // 6A81 instead of 6A82
    bool plain_counter = false;                   // 6303 instead of 63C3, as the first YubiKeys
    bool reselect_drops_pin = false;
    bool malformed_pin_costs_a_try = false;
    bool key_management_only_agrees = true;  // EC keys of 9D and 82-95 refuse signatures, others refuse ECDH
    bool vendor_commands = true;             // Yubico's
    bool metadata = true;                    // among them, where the version has it
    bool other_applet = false;               // OpenPGP's AID can be selected and PIV is then gone
    std::size_t largest_object = 3072;
    Touch touch = Touch::given;
    std::chrono::milliseconds touch_delay{0};  // before it is given or refused; how long it is awaited
};

// "extended=off": an unknown name or value is an error.
Result<void> set(Settings& settings, std::string_view assignment);
// One name a line with its values, for --help.
std::string setting_names();

}  // namespace signet::test::piv_card
