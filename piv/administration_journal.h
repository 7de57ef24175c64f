#pragma once

#include "piv/objects.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace signet::piv {

// An act on a card that was begun. What is needed to finish it, or to undo it, when the card is back.
struct PendingAct {
    enum class Kind : std::uint8_t {
        place_key,           // made or brought in
        write_object,        // `object` from `before` to `after`
        delete_certificate,  // of `slot`; `before` is its object
        move_key,            // from `slot` to `target`
        delete_key,          // in `slot`, with its certificate; `before` is its public key, where told
        reset,               // everything goes
    };
    Kind kind{};
    KeyReference slot{};
    KeyReference target{};
    std::uint32_t object = 0;
    Bytes before;           // place_key: the public key that was there, where told
    Bytes after;            // place_key: the public key, empty until it is known
    bool was_free = false;  // place_key: no key was there
    bool done = false;      // place_key: the card has said so
};

// A key of which the card itself may not tell.
struct RememberedKey {
    Bytes public_key_info;  // empty: not known
    // Whoever wanted it was told. Otherwise the act that made it was interrupted, and it may be made again.
    bool claimed = true;
};

// What this computer knows of acts on one card, in a file that is replaced as a whole and is on the disk
// before the card is changed.
class AdministrationJournal {
  public:
    // `name`: journal_name() of the card. Nothing is known of a card that has no file, and nothing is kept of
    // one without a name. configuration: a file of another version, or damaged.
    static Result<AdministrationJournal> open(const std::filesystem::path& state_directory,
                                              const std::string& name);

    [[nodiscard]] const std::optional<PendingAct>& pending() const { return m_content.pending; }
    [[nodiscard]] const RememberedKey* key(KeyReference slot) const;
    // The card cannot be told from others: all that would have to be kept is refused with not_allowed.
    [[nodiscard]] bool is_nameless() const { return m_path.empty(); }

    Result<void> begin(PendingAct act);
    Result<void> finish();
    // Finishes, and keeps the key until forget().
    Result<void> finish_with(KeyReference slot, RememberedKey key);
    Result<void> forget(KeyReference slot);
    // The card was reset.
    Result<void> clear();
    // The card has another name from now on. One that has none any more may get this one back.
    Result<void> rename(const std::string& name);

  private:
    struct Content {
        std::optional<PendingAct> pending;
        std::map<KeyReference, RememberedKey> keys;
    };

    AdministrationJournal(std::filesystem::path directory, const std::string& name);
    Result<void> read();
    [[nodiscard]] Result<void> save() const;
    [[nodiscard]] std::string text() const;
    Result<void> parse(const std::string& text);

    std::filesystem::path m_directory;
    std::filesystem::path m_path;
    Content m_content;
};

}  // namespace signet::piv
