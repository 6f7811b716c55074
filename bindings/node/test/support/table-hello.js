'use strict';

// The steps of the table about a ClientHello: one sets the callback that sees it, the other tells what it saw.

function tellHello(told, hello) {
  const tell = (name, value) => told.tellUnless('', name, value);
  told.tell('ok', hello.serverName ?? 'none');
  if (hello.isSecond) told.tell('second', 1);
  tell('alpn', hello.alpn.join(','));
  tell('legacy_version', hello.legacyVersion);
  told.tellUnless(0, 'session_id', hello.sessionId.length);
  tell('versions', hello.versions.join(','));
  tell('ciphers', hello.ciphers.join(','));
  tell('groups', hello.groups.join(','));
  tell('signature_algorithms', hello.signatureAlgorithms.join(','));
  tell('extensions', hello.extensions.map(({ type, data }) => `${type}:${data.length}`).join(','));
  tell('ja3', hello.ja3);
  tell('ja3_string', hello.ja3String);
  tell('ja4', hello.ja4);
}

const helloSteps = {
  /** CONTEXT accept|refuse [ALERT]|use OTHER */
  set_client_hello_callback(scene) {
    const what = scene.word(2), other = what === 'use' ? scene.subject(3) : null;
    const alert = what === 'refuse' && scene.given(3) ? scene.number(3) : null;
    scene.subject(1).setClientHelloCallback((connection, hello) => {
      scene.hello = hello;
      scene.hellos++;
      if (alert !== null) return alert;
      if (what === 'refuse') throw new Error('not on the list');
      if (other !== null) connection.context = other;
      return undefined;
    });
  },

  /** What the last callback saw, and how often one has answered since the last such step. */
  client_hello(scene) {
    if (scene.hello === null) scene.told.tell('ok', 'unseen');
    else tellHello(scene.told, scene.hello);
    scene.told.tellUnless(0, 'answered', scene.hellos);
    scene.hello = null;
    scene.hellos = 0;
  },
};

module.exports = { helloSteps };
