#pragma once

#include "piv/pcsc.h"
#include "tests/support/subprocess.h"

namespace signet::test {

// pcscd powers a card on before it tells of it. For the pcscd of this process's environment.
inline bool pcscd_comes_to_show_a_card() {
    return eventually([] {
        const auto context = piv::PcscContext::establish();
        const auto readers = context ? context->readers() : Failure(context.error());
        return readers && !readers->empty() && readers->front().card_present;
    });
}

}  // namespace signet::test
