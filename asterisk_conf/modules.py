"""The Asterisk modules a contact centre needs; whatever is not named here is not loaded. Pure."""

_NAMES = {
    "app": """cdr channelredirect chanspy confbridge controlplayback dial exec mixmonitor playback queue read
        stack transfer userevent verbose""",
    "bridge": "builtin_features builtin_interval_features holding native_rtp simple softmix",
    "cdr": "csv",
    "cel": "custom",
    "chan": "pjsip",
    "codec": "a_mu alaw g722 gsm resample ulaw",
    "format": "gsm pcm sln wav",
    "func": """callerid cdr channel cut devstate dialplan extstate global hangupcause logic pjsip_aor
        pjsip_contact pjsip_endpoint sprintf strings timeout""",
    "pbx": "config",
    "res": """agi cdrel_custom manager_devicestate musiconhold parking pjproject pjsip pjsip_acl
        pjsip_authenticator_digest pjsip_caller_id pjsip_dialog_info_body_generator pjsip_diversion
        pjsip_dlg_options pjsip_dtmf_info pjsip_empty_info pjsip_endpoint_identifier_ip
        pjsip_endpoint_identifier_user pjsip_exten_state pjsip_header_funcs pjsip_nat
        pjsip_outbound_authenticator_digest pjsip_outbound_publish pjsip_outbound_registration pjsip_path
        pjsip_pidf_body_generator
        pjsip_pubsub pjsip_refer pjsip_registrar pjsip_rfc3326 pjsip_sdp_rtp pjsip_session rtp_asterisk
        sorcery_astdb sorcery_config sorcery_memory speech timing_timerfd""",
}

MODULES = frozenset(f"{kind}_{name}.so" for kind, names in _NAMES.items() for name in names.split())

VOICEMAIL = ("app_voicemail.so",)
"""Loaded only where there is a mailbox."""
