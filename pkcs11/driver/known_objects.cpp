#include "pkcs11/driver/known_objects.h"

namespace signet::pkcs11 {

Result<std::vector<KnownObjects::Mark>> KnownObjects::marks() const {
    std::vector<Mark> marks;
    for (const CK_OBJECT_CLASS object_class : {CKO_PUBLIC_KEY, CKO_CERTIFICATE, CKO_PRIVATE_KEY}) {
        SIGNET_TRY(const auto handles, m_session.find_class(object_class));
        for (const CK_OBJECT_HANDLE handle : handles) {
            marks.push_back({.handle = handle,
                             .object_id = m_session.attribute(handle, CKA_ID),
                             .label = m_session.attribute(handle, CKA_LABEL)});
        }
    }
    return marks;
}

Result<const TokenObjects*> KnownObjects::read(bool login_required) {
    auto last = std::exchange(m_last, std::nullopt);
    SIGNET_TRY(const bool logged_in, m_session.logged_in());
    const bool private_keys_visible = logged_in || !login_required;
    // Before the objects: what changes while they are read is then noticed the next time.
    SIGNET_TRY(auto marks, this->marks());
    if (last && last->private_keys_visible == private_keys_visible && last->marks == marks) {
        m_last = std::move(last);
        return &m_last->objects;
    }
    SIGNET_TRY(auto objects,
               read_objects(m_session, Mechanisms::read(m_session.functions(), m_session.slot()),
                            private_keys_visible));
    m_last = Reading{.private_keys_visible = private_keys_visible,
                     .marks = std::move(marks),
                     .objects = std::move(objects)};
    return &m_last->objects;
}

}  // namespace signet::pkcs11
