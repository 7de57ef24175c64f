#pragma once

#include "piv/card_contents.h"
#include "token/description.h"

namespace signet::piv {

// What the inventory says of the reader beside the card.
struct ReaderFacts {
    std::string name;
    bool pin_pad = false;
    // With a pin pad every use asks then: there is no PIN here that could be sent again.
    bool deauthenticates = true;
};

std::string model_of(const CardContents& contents);
token::Token describe(const CardContents& contents, const PinStatus& pin, const ReaderFacts& reader);

}  // namespace signet::piv
