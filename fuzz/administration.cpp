#include "fuzz/fuzzed_card.h"
#include "piv/key_algorithm.h"
#include "piv/key_commands.h"
#include "piv/management_key.h"
#include "piv/vendor.h"
#include "token/private_key.h"
#include "x509/pkcs12.h"

#include <algorithm>

namespace {

using namespace signet;
using fuzz::FuzzedCard;

constexpr std::size_t longest_key = Secret::max_size;

// What an administrator asks, with whatever answers.
void administer(ByteView answers) {
    const Secret key = Secret::copy_of(Bytes(24, 0x11)).value();
    {
        FuzzedCard card(answers);
        (void)piv::find_management_algorithm({card}, {}, key);
        (void)piv::authenticate_administrator({card}, ManagementAlgorithm::aes192, key);
    }
    {
        FuzzedCard card(answers);
        (void)piv::attest({card}, piv::authentication_key);
        (void)piv::generate_key({card}, piv::authentication_key, KeyAlgorithm::rsa2048, {});
    }
    FuzzedCard card(answers);
    (void)piv::get_metadata({card}, static_cast<std::uint8_t>(piv::authentication_key));
}

void read_answers(ByteView input) {
    for (const auto algorithm : {KeyAlgorithm::rsa2048, KeyAlgorithm::rsa4096, KeyAlgorithm::p256,
                                 KeyAlgorithm::p384, KeyAlgorithm::ed25519, KeyAlgorithm::x25519}) {
        const auto key = piv::generated_key_of(algorithm, input);
        if (key && token::key_algorithm_of(*key).value() != algorithm) {
            __builtin_trap();
        }
    }
    if (const auto metadata = piv::metadata_of(input)) {
        (void)piv::public_key_of(static_cast<piv::Algorithm>(metadata->algorithm), metadata->public_key);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    read_answers(input);
    administer(input);
    const Secret password = Secret::copy_of(as_bytes("geheim")).value();
    (void)x509::unpack_pkcs12(input, password);
    if (size <= longest_key) {
        const Secret info = Secret::copy_of(input).value();
        (void)token::private_key_from_info(info);
    }
    return 0;
}
