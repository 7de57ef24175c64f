#pragma once

#include "piv/administration_journal.h"
#include "piv/card_contents.h"
#include "token/administration.h"

namespace signet::piv {

// The application is selected. All but the reader is filled in; no try is spent.
Result<token::TokenDetails> read_details(const Card& card, const CardContents& contents,
                                         const AdministrationJournal& journal);

// Keys that were made on this computer, on a card that does not tell of them until their certificates are
// there.
void add_remembered_keys(CardContents& contents, const AdministrationJournal& journal);

}  // namespace signet::piv
