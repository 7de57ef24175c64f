#pragma once

#include "piv/administration_journal.h"
#include "piv/card_contents.h"
#include "piv/commands.h"

namespace signet::piv {

// Adds the keys that were placed from this computer, on a card that does not tell of them until their
// certificates are there. `asked`: a card that may be another than before is asked whether they still are
// there, and what it has not is forgotten; null for one that is as it was. token_removed: it went meanwhile.
Result<void> add_remembered_keys(CardContents& contents, AdministrationJournal& journal, const Card* asked);

}  // namespace signet::piv
