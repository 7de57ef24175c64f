// PKCS#11 section 5.7: finding objects and reading their attributes.
#include "pkcs11/module/library.h"

#include <algorithm>

using namespace signet::module;  // NOLINT(google-build-using-namespace): the C functions are ours

namespace {

// Runs `use(object)` on a session object or on one of the session's token.
template <class Use>
CK_RV with_object(Library& library, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE handle, Use use) {
    const auto place = library.sessions.place_of(session);
    if (!place) {
        return place.error();
    }
    if (const auto done = library.sessions.with_object(handle, use)) {
        return *done;
    }
    const TokenPointer token = library.inventory.find_token(place->token);
    if (token == nullptr) {
        return CKR_DEVICE_REMOVED;
    }
    const Object* object = token->find(handle);
    return object != nullptr ? use(*object) : CKR_OBJECT_HANDLE_INVALID;
}

std::vector<CK_OBJECT_HANDLE> search(const PresentToken& token, Template wanted) {
    std::vector<CK_OBJECT_HANDLE> found;
    for (const Object& object : token.objects) {
        if (matches(object, wanted)) {
            found.push_back(object.handle);
        }
    }
    return found;
}

}  // namespace

CK_RV C_FindObjectsInit(CK_SESSION_HANDLE session, CK_ATTRIBUTE* templ, CK_ULONG count) {
    return with_library([=](Library& library) -> CK_RV {
        const auto place = library.sessions.place_of(session);
        if (!place) {
            return place.error();
        }
        if (const CK_RV sound = check_template(templ, count); sound != CKR_OK) {
            return sound;
        }
        const TokenPointer token = library.inventory.find_token(place->token);
        if (token == nullptr) {
            return CKR_DEVICE_REMOVED;
        }
        const Template wanted(templ, count);
        auto found = search(*token, wanted);
        const auto made_here = library.sessions.find_objects(place->slot, wanted);
        found.insert(found.end(), made_here.begin(), made_here.end());
        return library.sessions.with(session, [&found](Session& known) -> CK_RV {
            if (known.search) {
                return CKR_OPERATION_ACTIVE;
            }
            known.search = Search{.found = std::move(found), .next = 0};
            return CKR_OK;
        });
    });
}

CK_RV C_FindObjects(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE* object, CK_ULONG max_object_count,
                    CK_ULONG* object_count) {
    return with_library([=](Library& library) {
        return library.sessions.with(session, [=](Session& known) -> CK_RV {
            if (object_count == nullptr || (object == nullptr && max_object_count != 0)) {
                return CKR_ARGUMENTS_BAD;
            }
            if (!known.search) {
                return CKR_OPERATION_NOT_INITIALIZED;
            }
            Search& search = *known.search;
            const std::size_t count =
                std::min<std::size_t>(max_object_count, search.found.size() - search.next);
            std::copy_n(search.found.data() + search.next, count, object);
            search.next += count;
            *object_count = count;
            return CKR_OK;
        });
    });
}

CK_RV C_FindObjectsFinal(CK_SESSION_HANDLE session) {
    return with_library([=](Library& library) {
        return library.sessions.with(session, [](Session& known) -> CK_RV {
            if (!known.search) {
                return CKR_OPERATION_NOT_INITIALIZED;
            }
            known.search.reset();
            return CKR_OK;
        });
    });
}

CK_RV C_GetAttributeValue(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE* templ,
                          CK_ULONG count) {
    return with_library([=](Library& library) -> CK_RV {
        if (templ == nullptr) {
            return CKR_ARGUMENTS_BAD;
        }
        return with_object(library, session, object, [=](const Object& found) {
            return read_attributes(found, {templ, count});
        });
    });
}

CK_RV C_GetObjectSize(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ULONG* size) {
    return with_library([=](Library& library) -> CK_RV {
        if (size == nullptr) {
            return CKR_ARGUMENTS_BAD;
        }
        return with_object(library, session, object, [size](const Object&) -> CK_RV {
            *size = CK_UNAVAILABLE_INFORMATION;
            return CKR_OK;
        });
    });
}

CK_RV C_DestroyObject(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object) {
    return with_library([=](Library& library) -> CK_RV {
        if (library.sessions.place_of(session) && library.sessions.destroy_object(object)) {
            return CKR_OK;
        }
        return with_object(library, session, object,
                           [](const Object&) -> CK_RV { return CKR_TOKEN_WRITE_PROTECTED; });
    });
}

CK_RV C_SetAttributeValue(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE* /*templ*/,
                          CK_ULONG /*count*/) {
    return with_library([=](Library& library) {
        return with_object(library, session, object,
                           [](const Object&) -> CK_RV { return CKR_ATTRIBUTE_READ_ONLY; });
    });
}

CK_RV C_CreateObject(CK_SESSION_HANDLE session, CK_ATTRIBUTE* /*templ*/, CK_ULONG /*count*/,
                     CK_OBJECT_HANDLE* /*object*/) {
    return with_library([=](Library& library) {
        return library.sessions.with(session, [](Session&) -> CK_RV { return CKR_TOKEN_WRITE_PROTECTED; });
    });
}
