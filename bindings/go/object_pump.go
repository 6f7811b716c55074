//go:build cgo

package tlsock

// Pump is the argument of Object.Pump: any of the buffers may be empty.
type Pump struct {
	EOF        bool // no more ciphertext will follow
	CloseWrite bool // send close_notify once the plaintext is encrypted

	CiphertextIn  []byte // from the peer
	PlaintextIn   []byte // to encrypt
	PlaintextOut  []byte // for decrypted bytes
	CiphertextOut []byte // for bytes to send
}

// Pumped is the result of Object.Pump.
type Pumped struct {
	CiphertextUsed int // of CiphertextIn: pass the rest again, first
	PlaintextUsed  int // of PlaintextIn
	PlaintextLen   int // put into PlaintextOut
	CiphertextLen  int // put into CiphertextOut: send it, even after an error

	CiphertextPending int // waits inside for room in a CiphertextOut
	PlaintextPending  int // waits inside for room in a PlaintextOut

	HandshakeDone bool
	PeerClosed    bool // the peer's close_notify was read

	FailurePending bool // the next call with room in PlaintextOut fails: bytes came before the failure
}

// Pump moves bytes both ways in one call, for programs that do their own I/O. It needs no MemoryBIO: make the Object
// with nil for both. ErrWantRead: pass more CiphertextIn. ErrWantWrite: CiphertextOut was too small, call again. The
// result is filled in even on failure: CiphertextOut then has the alert.
func (o *Object) Pump(pump Pump) (Pumped, error) {
	if o.aside != nil {
		return Pumped{}, errAside
	}
	var done Pumped
	for {
		if !o.ref.enter() {
			return done, closedError(o.ref.kind.String())
		}
		p := o.pumpOnce(pump.after(&done))
		o.ref.leave()
		done = Pumped{done.CiphertextUsed + p.used, done.PlaintextUsed + p.taken, done.PlaintextLen + p.plaintext,
			done.CiphertextLen + p.ciphertext, p.waiting, p.pending, p.shaken, p.closed, p.failing}
		if !p.stopped() {
			return done, o.record.explain(failure(p.status, p.err))
		}
		<-o.record.life.over()
	}
}

func (o *Object) pumpOnce(pump Pump) pumped {
	if o.lent {
		if serving := o.serving(); serving != nil {
			return o.pumpThere(serving, pump)
		}
	}
	return o.pump(pump.flags(), pump.CiphertextIn, pump.PlaintextIn, pump.PlaintextOut, pump.CiphertextOut)
}

// pumpThere is a function of its own so that other calls allocate nothing for what another goroutine runs.
func (o *Object) pumpThere(serving *executor, pump Pump) pumped {
	return there(serving, func() pumped {
		return o.pump(pump.flags(), pump.CiphertextIn, pump.PlaintextIn, pump.PlaintextOut, pump.CiphertextOut)
	})
}

// after is what is left to do of a pump that a callback has stopped.
func (p Pump) after(done *Pumped) Pump {
	p.CiphertextIn, p.PlaintextIn = p.CiphertextIn[done.CiphertextUsed:], p.PlaintextIn[done.PlaintextUsed:]
	p.PlaintextOut, p.CiphertextOut = p.PlaintextOut[done.PlaintextLen:], p.CiphertextOut[done.CiphertextLen:]
	return p
}

func (p *Pump) flags() (flags cFlags) {
	if p.EOF {
		flags |= pumpEOF
	}
	if p.CloseWrite {
		flags |= pumpCloseWrite
	}
	return flags
}
