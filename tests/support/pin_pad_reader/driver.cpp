// A driver for pcscd that gives vpcd's reader a PIN pad: everything goes to libifdvpcd.so beside this file,
// except that the features of PC/SC part 10 are answered here. What the person types stands in the file
// "keys" beside it, an answer a line; each request empties it.
#include "tests/support/pin_pad_reader/secure_entry.h"

#include <PCSC/reader.h>
#include <dlfcn.h>

#include <cstring>
#include <filesystem>
#include <fstream>

extern "C" {
#include <PCSC/ifdhandler.h>
}

namespace {

using namespace signet::test;

constexpr DWORD verify_code = SCARD_CTL_CODE(3500);
constexpr DWORD modify_code = SCARD_CTL_CODE(3501);
constexpr DWORD properties_code = SCARD_CTL_CODE(3502);

std::filesystem::path beside(const char* name) {
    Dl_info info{};
    dladdr(reinterpret_cast<const void*>(&beside), &info);
    return std::filesystem::path(info.dli_fname).parent_path() / name;
}

// A function of the driver below.
template <class Function>
Function* below(const char* name) {
    static void* const library =
        dlopen(beside("libifdvpcd.so").c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
    return reinterpret_cast<Function*>(library == nullptr ? nullptr : dlsym(library, name));
}

template <class Function, class... Arguments>
RESPONSECODE forward(Function* /* for its type */, const char* name, Arguments... arguments) {
    auto* const function = below<Function>(name);
    return function == nullptr ? IFD_COMMUNICATION_ERROR : function(arguments...);
}

pin_pad::Keystrokes take_keystrokes() {
    const auto path = beside("keys");
    pin_pad::Keystrokes typed;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        typed.push_back(line);
    }
    std::filesystem::remove(path);
    return typed;
}

RESPONSECODE answer(const signet::Bytes& octets, PUCHAR out, DWORD capacity, LPDWORD written) {
    if (octets.size() > capacity) {
        return IFD_ERROR_INSUFFICIENT_BUFFER;
    }
    std::memcpy(out, octets.data(), octets.size());
    *written = octets.size();
    return IFD_SUCCESS;
}

void append_feature(signet::Bytes& out, std::uint8_t feature, DWORD code) {
    out.insert(out.end(),
               {feature, 4, static_cast<std::uint8_t>(code >> 24), static_cast<std::uint8_t>(code >> 16),
                static_cast<std::uint8_t>(code >> 8), static_cast<std::uint8_t>(code)});
}

signet::Bytes features() {
    signet::Bytes out;
    append_feature(out, FEATURE_VERIFY_PIN_DIRECT, verify_code);
    append_feature(out, FEATURE_MODIFY_PIN_DIRECT, modify_code);
    append_feature(out, FEATURE_IFD_PIN_PROPERTIES, properties_code);
    return out;
}

// No display; an entry ends with its confirmation key.
signet::Bytes properties() {
    return {0x00, 0x00, 0x02, 0x00};
}

RESPONSECODE send(DWORD lun, const pin_pad::Entry& entry, PUCHAR out, DWORD capacity, LPDWORD written) {
    if (entry.status != 0) {
        return answer({static_cast<std::uint8_t>(entry.status >> 8), static_cast<std::uint8_t>(entry.status)},
                      out, capacity, written);
    }
    SCARD_IO_HEADER protocol{SCARD_PROTOCOL_T1, sizeof(SCARD_IO_HEADER)};
    auto command = entry.command;
    DWORD length = capacity;
    const auto result = forward(&IFDHTransmitToICC, "IFDHTransmitToICC", lun, protocol, command.data(),
                                static_cast<DWORD>(command.size()), out, &length, &protocol);
    *written = length;
    return result;
}

}  // namespace

extern "C" {

// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): pcscd's header has names of another style
#define SIGNET_EXPORT __attribute__((visibility("default")))

SIGNET_EXPORT RESPONSECODE IFDHCreateChannelByName(DWORD lun, LPSTR name) {
    return forward(&IFDHCreateChannelByName, "IFDHCreateChannelByName", lun, name);
}
SIGNET_EXPORT RESPONSECODE IFDHCreateChannel(DWORD lun, DWORD channel) {
    return forward(&IFDHCreateChannel, "IFDHCreateChannel", lun, channel);
}
SIGNET_EXPORT RESPONSECODE IFDHCloseChannel(DWORD lun) {
    return forward(&IFDHCloseChannel, "IFDHCloseChannel", lun);
}
SIGNET_EXPORT RESPONSECODE IFDHGetCapabilities(DWORD lun, DWORD tag, PDWORD length, PUCHAR value) {
    return forward(&IFDHGetCapabilities, "IFDHGetCapabilities", lun, tag, length, value);
}
SIGNET_EXPORT RESPONSECODE IFDHSetCapabilities(DWORD lun, DWORD tag, DWORD length, PUCHAR value) {
    return forward(&IFDHSetCapabilities, "IFDHSetCapabilities", lun, tag, length, value);
}
SIGNET_EXPORT RESPONSECODE IFDHSetProtocolParameters(DWORD lun, DWORD protocol, UCHAR flags, UCHAR pts1,
                                                     UCHAR pts2, UCHAR pts3) {
    return forward(&IFDHSetProtocolParameters, "IFDHSetProtocolParameters", lun, protocol, flags, pts1, pts2,
                   pts3);
}
SIGNET_EXPORT RESPONSECODE IFDHPowerICC(DWORD lun, DWORD action, PUCHAR atr, PDWORD atr_length) {
    return forward(&IFDHPowerICC, "IFDHPowerICC", lun, action, atr, atr_length);
}
SIGNET_EXPORT RESPONSECODE IFDHTransmitToICC(DWORD lun, SCARD_IO_HEADER send_header, PUCHAR command,
                                             DWORD command_length, PUCHAR response, PDWORD response_length,
                                             PSCARD_IO_HEADER receive_header) {
    return forward(&IFDHTransmitToICC, "IFDHTransmitToICC", lun, send_header, command, command_length,
                   response, response_length, receive_header);
}
SIGNET_EXPORT RESPONSECODE IFDHICCPresence(DWORD lun) {
    return forward(&IFDHICCPresence, "IFDHICCPresence", lun);
}
SIGNET_EXPORT RESPONSECODE IFDHControl(DWORD lun, DWORD code, PUCHAR input, DWORD input_length, PUCHAR out,
                                       DWORD capacity, LPDWORD written) {
    const signet::ByteView structure(input, input_length);
    switch (code) {
        case CM_IOCTL_GET_FEATURE_REQUEST:
            return answer(features(), out, capacity, written);
        case properties_code:
            return answer(properties(), out, capacity, written);
        case verify_code:
            return send(lun, pin_pad::fill_verify(structure, take_keystrokes()), out, capacity, written);
        case modify_code:
            return send(lun, pin_pad::fill_modify(structure, take_keystrokes()), out, capacity, written);
        default:
            return IFD_ERROR_NOT_SUPPORTED;
    }
}

// NOLINTEND(readability-inconsistent-declaration-parameter-name)

}  // extern "C"
