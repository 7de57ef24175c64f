#pragma once

#include "piv/administration_journal.h"
#include "piv/card_contents.h"
#include "token/administration.h"

namespace signet::piv {

// The application is selected. All but the reader is filled in; no try is spent.
Result<token::TokenDetails> read_details(const Card& card, const CardContents& contents,
                                         const AdministrationJournal& journal);

}  // namespace signet::piv
